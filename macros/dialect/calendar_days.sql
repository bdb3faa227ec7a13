{# One row per day from one to a later one, both included; none if one is null. #}
{% macro calendar_days(first_day, last_day) %}
    {{ return(adapter.dispatch('calendar_days', 'customer_segmentation')(first_day, last_day)) }}
{% endmacro %}

{% macro default__calendar_days(first_day, last_day) -%}
    cast(unnest(generate_series(
        cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), {{ days_interval(1) }}
    )) as date)
{%- endmacro %}
