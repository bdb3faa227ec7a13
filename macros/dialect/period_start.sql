{# First day of the calendar period of segmentation_kpi_period that a timestamp lies in; a week begins on Monday. #}
{% macro period_start(timestamp) %}
    {{ return(adapter.dispatch('period_start', 'customer_segmentation')(timestamp)) }}
{% endmacro %}

{% macro default__period_start(timestamp) -%}
    cast(date_trunc('{{ setting("kpi_period") }}', {{ timestamp }}) as date)
{%- endmacro %}
