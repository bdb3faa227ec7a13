{# The number, or null where it is none or not finite: the model knows neither. #}
{% macro finite_number(column) %}
    {{ return(adapter.dispatch('finite_number', 'customer_segmentation')(column)) }}
{% endmacro %}

{% macro default__finite_number(column) -%}
    case when isfinite({{ as_number(column) }}) then {{ as_number(column) }} end
{%- endmacro %}
