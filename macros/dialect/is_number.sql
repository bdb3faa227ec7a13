{# Whether the value reads as a number at all, not-a-number and the infinities included. #}
{% macro is_number(expression) %}
    {{ return(adapter.dispatch('is_number', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__is_number(expression) -%}
    try_cast({{ expression }} as double) is not null
{%- endmacro %}
