{# A text as a literal, whatever quotes and backslashes are in it. #}
{% macro text_literal(text) %}
    {{ return(adapter.dispatch('text_literal', 'customer_segmentation')(text | string)) }}
{% endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__text_literal(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}
