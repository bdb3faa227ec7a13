{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('stg_events') }}

),

observation as (

    select * from {{ ref('observation_window') }}

),

judged as (

    select
        events.*,
        case
            when events.reject_reason is not null then events.reject_reason
            when events.event_at > observation.as_of then 'date_after_as_of'
            {%- if setting('lookback_days') is not none %}
                when events.event_at < observation.as_of - {{ days_interval(setting('lookback_days')) }}
                    then 'outside_lookback'
            {%- endif %}
        end as rejected_because
    from events
    cross join observation

),

-- The one pass over the events. Rejected ones collapse to one row a reason.
ledger as (

    select

        ---------- keys
        rejected_because as reject_reason,
        case when rejected_because is null then customer_id end as customer_id,
        case when rejected_because is null then cast(event_at as date) end as visited_on,
        case when rejected_because is null then event_type end as event_type,

        ---------- when
        max(case when rejected_because is null then event_at end) as last_event_at,

        ---------- counts
        count(*) as events

    from judged
    group by
        rejected_because,
        case when rejected_because is null then customer_id end,
        case when rejected_because is null then cast(event_at as date) end,
        case when rejected_because is null then event_type end

)

select * from ledger
