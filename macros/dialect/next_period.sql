{# First day of the calendar period after the one that begins on a date. #}
{% macro next_period(date) %}
    {{ return(adapter.dispatch('next_period', 'customer_segmentation')(date)) }}
{% endmacro %}

{% macro default__next_period(date) -%}
    cast({{ date }} + {{ one_period() }} as date)
{%- endmacro %}


{# An interval of one calendar period. #}
{% macro one_period() -%}
    {%- if setting('kpi_period') == 'week' -%}
        {{ days_interval(7) }}
    {%- else -%}
        interval '{{ 3 if setting('kpi_period') == 'quarter' else 1 }}' month
    {%- endif -%}
{%- endmacro %}
