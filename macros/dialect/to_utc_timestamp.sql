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
