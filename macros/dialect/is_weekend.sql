{# Saturday or Sunday. #}
{% macro is_weekend(timestamp) %}
    {{ return(adapter.dispatch('is_weekend', 'customer_segmentation')(timestamp)) }}
{% endmacro %}

{% macro default__is_weekend(timestamp) -%}
    isodow({{ timestamp }}) >= 6
{%- endmacro %}

{% macro spark__is_weekend(timestamp) -%}
    weekday({{ timestamp }}) >= 5
{%- endmacro %}
