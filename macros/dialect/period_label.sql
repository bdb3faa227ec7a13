{# Name of the calendar period that begins on a date: 2025-03, 2025-Q1, or the ISO week 2025-W14. #}
{% macro period_label(date) %}
    {{ return(adapter.dispatch('period_label', 'customer_segmentation')(date)) }}
{% endmacro %}

{% macro default__period_label(date) -%}
    {%- if setting('kpi_period') == 'week' -%}
        strftime({{ date }}, '%G-W%V')
    {%- elif setting('kpi_period') == 'quarter' -%}
        strftime({{ date }}, '%Y-Q') || quarter({{ date }})
    {%- else -%}
        strftime({{ date }}, '%Y-%m')
    {%- endif -%}
{%- endmacro %}

{% macro spark__period_label(date) -%}
    {%- if setting('kpi_period') == 'week' -%}
        lpad(extract(yearofweek from {{ date }}), 4, '0') || '-W' || lpad(weekofyear({{ date }}), 2, '0')
    {%- elif setting('kpi_period') == 'quarter' -%}
        date_format({{ date }}, 'yyyy') || '-Q' || quarter({{ date }})
    {%- else -%}
        date_format({{ date }}, 'yyyy-MM')
    {%- endif -%}
{%- endmacro %}
