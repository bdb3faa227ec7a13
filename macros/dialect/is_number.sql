{# Whether the value reads as a number at all, not-a-number and the infinities included. #}
{% macro is_number(expression) -%}
    {{ as_number(expression) }} is not null
{%- endmacro %}
