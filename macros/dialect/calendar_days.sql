{# One row per day from one to a later one, both included; none if one is null. #}
{% macro calendar_days(first_day, last_day) %}
    {{ return(adapter.dispatch('calendar_days', 'customer_segmentation')(first_day, last_day)) }}
{% endmacro %}

{% macro default__calendar_days(first_day, last_day) -%}
    cast(unnest(generate_series(
        cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), {{ days_interval(1) }}
    )) as date)
{%- endmacro %}

{% macro spark__calendar_days(first_day, last_day) -%}
    explode({{ dates(first_day, last_day, days_interval(1)) }})
{%- endmacro %}


{# Spark: the list of the dates from one to another in steps; null, which makes no row, where the last comes first. #}
{% macro dates(first_day, last_day, step) -%}
    case
        when cast({{ last_day }} as date) >= cast({{ first_day }} as date)
            then sequence(cast({{ first_day }} as date), cast({{ last_day }} as date), {{ step }})
    end
{%- endmacro %}
