{# Whether a double is neither infinite nor not-a-number; null for null. #}
{% macro is_finite(number) %}
    {{ return(adapter.dispatch('is_finite', 'customer_segmentation')(number)) }}
{% endmacro %}

{% macro default__is_finite(number) -%}
    isfinite({{ number }})
{%- endmacro %}

{% macro spark__is_finite(number) -%}
    (not isnan({{ number }}) and abs({{ number }}) < cast('infinity' as double))
{%- endmacro %}
