{# The number, or null where it is none or not finite: the model knows neither. #}
{% macro finite_number(column) -%}
    case when {{ is_finite(as_number(column)) }} then {{ as_number(column) }} end
{%- endmacro %}
