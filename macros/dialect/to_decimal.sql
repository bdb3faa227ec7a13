{# A decimal, or null where the value is no finite number that fits. Money stays exact. #}
{% macro to_decimal(expression, precision=18, scale=4) %}
    {{ return(adapter.dispatch('to_decimal', 'customer_segmentation')(expression, precision, scale)) }}
{% endmacro %}

{% macro default__to_decimal(expression, precision, scale) -%}
    try_cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}
