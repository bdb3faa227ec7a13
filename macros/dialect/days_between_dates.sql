{# Days from one date to a later one. #}
{% macro days_between_dates(from_date, to_date) %}
    {{ return(adapter.dispatch('days_between_dates', 'customer_segmentation')(from_date, to_date)) }}
{% endmacro %}

{% macro default__days_between_dates(from_date, to_date) -%}
    ({{ to_date }} - {{ from_date }})
{%- endmacro %}

{% macro spark__days_between_dates(from_date, to_date) -%}
    cast(datediff({{ to_date }}, {{ from_date }}) as bigint)
{%- endmacro %}
