{#
    Whole 24-hour days from one timestamp to a later one. Not date_diff('day', …), which counts
    midnights and so calls one minute a day.
#}
{% macro whole_days(from_timestamp, to_timestamp) %}
    {{ return(adapter.dispatch('whole_days', 'customer_segmentation')(from_timestamp, to_timestamp)) }}
{% endmacro %}

{% macro default__whole_days(from_timestamp, to_timestamp) -%}
    cast(date_sub('day', {{ from_timestamp }}, {{ to_timestamp }}) as integer)
{%- endmacro %}

{% macro spark__whole_days(from_timestamp, to_timestamp) -%}
    cast(timestampdiff(day, {{ from_timestamp }}, {{ to_timestamp }}) as integer)
{%- endmacro %}
