{# Whether the expression is of a type for text, whatever its value. #}
{% macro is_text(expression) %}
    {{ return(adapter.dispatch('is_text', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__is_text(expression) -%}
    (typeof({{ expression }}) = 'VARCHAR' or typeof({{ expression }}) like 'ENUM%')
{%- endmacro %}

{% macro spark__is_text(expression) -%}
    (typeof({{ expression }}) = 'string')
{%- endmacro %}
