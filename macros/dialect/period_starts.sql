{# One row per calendar period from one to a later one, both given by their first day; none if one is null. #}
{% macro period_starts(first_start, last_start) %}
    {{ return(adapter.dispatch('period_starts', 'customer_segmentation')(first_start, last_start)) }}
{% endmacro %}

{% macro default__period_starts(first_start, last_start) -%}
    cast(unnest(generate_series(
        cast({{ first_start }} as timestamp), cast({{ last_start }} as timestamp), {{ one_period() }}
    )) as date)
{%- endmacro %}

{% macro spark__period_starts(first_start, last_start) -%}
    explode({{ dates(first_start, last_start, one_period()) }})
{%- endmacro %}
