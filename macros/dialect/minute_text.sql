{# A timestamp as text to the minute: 2025-12-31 18:00. #}
{% macro minute_text(expression) %}
    {{ return(adapter.dispatch('minute_text', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__minute_text(expression) -%}
    substr(cast(cast({{ expression }} as timestamp) as string), 1, 16)
{%- endmacro %}
