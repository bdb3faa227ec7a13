{#
    No valid line is later than this: the end of observation when it is set, else the moment the
    build started plus a day of grace for clocks ahead of UTC. Without it one date of 2062 would
    become the end of observation and make everybody look lost.
#}
{% macro latest_order_date() -%}
    {%- if setting('as_of') is not none -%}
        {{ timestamp_literal(setting('as_of')) }}
    {%- else -%}
        {{ timestamp_literal((run_started_at + modules.datetime.timedelta(days=1)).strftime('%Y-%m-%d %H:%M:%S')) }}
    {%- endif -%}
{%- endmacro %}


{#
    First instant of the look-back window. Without segmentation_as_of the end of observation
    follows from the lines themselves, which costs a second pass over them.
#}
{% macro lookback_start(lines, kept='rejected_because is null') -%}
    {%- set last_order -%}
        {%- if setting('as_of') is not none -%}
            {{ timestamp_literal(setting('as_of')) }}
        {%- else -%}
            (
                select {{ next_midnight('max(ordered_at)') }} from {{ lines }}
                where {{ kept }} and not is_return
            )
        {%- endif -%}
    {%- endset -%}
    {{ last_order }} - {{ days_interval(setting('lookback_days')) }}
{%- endmacro %}


{# Default end of observation: the midnight after the last valid order. #}
{% macro next_midnight(timestamp) -%}
    date_trunc('day', {{ timestamp }}) + {{ days_interval(1) }}
{%- endmacro %}
