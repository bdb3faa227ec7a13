{#
    A timestamp in UTC, or null where the value cannot be read. A zone or an offset is converted;
    without one the clock time is taken as it stands, whatever the session's time zone.
#}
{% macro to_utc_timestamp(expression) %}
    {{ return(adapter.dispatch('to_utc_timestamp', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__to_utc_timestamp(expression) -%}
    case
        when typeof({{ expression }}) = 'TIMESTAMP WITH TIME ZONE'
            then timezone('UTC', try_cast({{ expression }} as timestamptz))
        when typeof({{ expression }}) = 'VARCHAR'
            then case
                when regexp_matches(
                    cast({{ expression }} as varchar), '[0-9]:[0-9]{2}.*(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)\s*$'
                )
                    then timezone(
                        'UTC', try_cast({{ trimmed('cast(' ~ expression ~ ' as varchar)') }} as timestamptz)
                    )
                else try_cast({{ trimmed('cast(' ~ expression ~ ' as varchar)') }} as timestamp)
            end
        else try_cast({{ expression }} as timestamp)
    end
{%- endmacro %}
