{#
    A timestamp in UTC, or null where the value cannot be read. A zone or an offset is converted;
    without one the clock time is taken as it stands, whatever the session's time zone.

    DuckDB reads text that ends in a zone, an offset, or anything else as a plain timestamp too, and
    drops the end: '10:00 PM' would be ten in the morning. So whatever follows the clock time must
    make sense as a zone.
#}
{% macro to_utc_timestamp(expression) %}
    {{ return(adapter.dispatch('to_utc_timestamp', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__to_utc_timestamp(expression) -%}
    {%- set text = trimmed('cast(' ~ expression ~ ' as string)') -%}
    case
        when typeof({{ expression }}) = 'TIMESTAMP WITH TIME ZONE'
            then timezone('UTC', try_cast({{ expression }} as timestamptz))
        when typeof({{ expression }}) = 'VARCHAR'
            then case
                when regexp_matches({{ text }}, '[A-Za-z]$|[0-9]:[0-9].*[+-][0-9:]+$')
                    then timezone('UTC', try_cast(regexp_replace({{ text }}, ' +([+-])', '\1') as timestamptz))
                else try_cast({{ text }} as timestamp)
            end
        else try_cast({{ expression }} as timestamp)
    end
{%- endmacro %}

{#-
    Spark wants four digits of a year, '-' between the parts of a date and one blank before the time, knows no 24:00,
    and takes a year alone for a date, a time of day for one of today, and a zone after a date alone. What is no
    timestamp keeps the # and is none to Spark either.
#}
{% macro spark__to_utc_timestamp(expression) -%}
    {%- set text = trimmed('cast(' ~ expression ~ ' as string)') -%}
    {%- set midnight = "'(?<=[T ])24(?=:0?0(?::0?0(?:[.]0*)?)?(?![0-9:.]))'" -%}
    case
        when typeof({{ expression }}) = 'string'
            then case
                when {{ text }} like '%24:0%' and {{ text }} rlike {{ midnight }}
                    then cast({{ plain_timestamp('regexp_replace(' ~ text ~ ', ' ~ midnight ~ ", '00')") }} as timestamp)
                        + {{ days_interval(1) }}
                else cast({{ plain_timestamp(text) }} as timestamp)
            end
        when typeof({{ expression }}) in ('date', 'timestamp', 'timestamp_ntz') then cast({{ expression }} as timestamp)
    end
{%- endmacro %}


{# Spark: a timestamp that DuckDB reads, as Spark writes it. #}
{% macro plain_timestamp(text) -%}
    {%- set same_signs = '(?=[0-9]+(?:-[0-9]+-|/[0-9]+/| [0-9]+ ))' -%}
    {%- set time = '([0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:[.][0-9]+)?)?)[.]?' -%}
    {%- set zone = '(?:(Z| +[A-Za-z][A-Za-z0-9_/+-]+)| *([+-][0-9]{2}(?::?[0-9]{2}){0,2}))?' -%}
    regexp_replace(
        '#000' || {{ text }},
        '^#0*{{ same_signs }}([0-9]{4,6})[-/ ]([0-9]{1,2})[-/ ]([0-9]{1,2})(?:(?:T| +){{ time }}{{ zone }})?$',
        '$1-$2-$3 $4$5$6'
    )
{%- endmacro %}
