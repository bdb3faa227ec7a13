{# A value of any type as a double: true is 1, and what is no number (a word, a date) is null. #}
{% macro as_number(expression) %}
    {{ return(adapter.dispatch('as_number', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__as_number(expression) -%}
    try_cast({{ expression }} as double)
{%- endmacro %}
