{{ config(materialized='table') }}

with

ledger as (

    select * from {{ ref('event_ledger') }}

),

reasons as (

    select
        0 as position,
        '(kept)' as reject_reason,
        'a visit that counts' as meaning
    {%- for reason in event_reject_reasons() %}
        union all
        select
            {{ loop.index }},
            '{{ reason.name }}',
            '{{ reason.meaning }}'
    {%- endfor %}

),

counted as (

    select
        coalesce(reject_reason, '(kept)') as reject_reason,
        sum(events) as events
    from ledger
    group by coalesce(reject_reason, '(kept)')

),

totals as (

    select sum(events) as events
    from counted

),

audit as (

    select
        reasons.position,
        reasons.reject_reason,
        reasons.meaning,
        cast(coalesce(counted.events, 0) as bigint) as events,
        cast(coalesce(counted.events, 0) as double) / totals.events as event_share
    from reasons
    cross join totals
    left join counted
        on reasons.reject_reason = counted.reject_reason
    -- without events there is nothing to audit
    where totals.events > 0

)

select * from audit
