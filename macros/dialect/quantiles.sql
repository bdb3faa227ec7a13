{# Aggregate: a list of linearly interpolated quantiles, the ones that pandas and numpy use. #}
{% macro quantiles(expression, shares) %}
    {{ return(adapter.dispatch('quantiles', 'customer_segmentation')(expression, shares)) }}
{% endmacro %}

{% macro default__quantiles(expression, shares) -%}
    quantile_cont({{ expression }}, [{{ shares | join(', ') }}])
{%- endmacro %}

{% macro spark__quantiles(expression, shares) -%}
    percentile({{ expression }}, array({{ shares | join(', ') }}))
{%- endmacro %}
