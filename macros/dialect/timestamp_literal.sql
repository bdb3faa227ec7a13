{% macro timestamp_literal(text) -%}
    cast('{{ text }}' as timestamp)
{%- endmacro %}
