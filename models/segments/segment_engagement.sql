{{ config(materialized='table') }}

{#- Of more types than these the rarer ones are one: a page address is no type of event. -#}
{%- set most_types = 20 %}

with

segments as (

    select * from {{ ref('segments') }}

),

visits as (

    select * from {{ ref('customer_visits') }}

),

ranked_types as (

    select
        event_type,
        row_number() over (order by sum(events) desc, event_type) as place
    from visits
    where event_type is not null
    group by event_type

),

typed_visits as (

    select
        visits.customer_id,
        visits.visited_on,
        case when ranked_types.place <= {{ most_types }} then visits.event_type else '(other)' end as event_type,
        visits.events,
        visits.is_converted
    from visits
    inner join ranked_types
        on visits.event_type = ranked_types.event_type

    union all

    select
        customer_id,
        visited_on,
        '(all)' as event_type,
        events,
        is_converted
    from visits

),

days as (

    select
        customer_id,
        visited_on,
        event_type,
        sum(events) as events,
        bool_or(is_converted) as is_converted
    from typed_visits
    group by
        customer_id,
        visited_on,
        event_type

),

counted as (

    select
        segments.segment_id,
        days.event_type,
        count(distinct days.customer_id) as visitors,
        sum(days.events) as events,
        count(*) as visit_days,
        count(case when days.is_converted then 1 end) as converted_visit_days
    from days
    inner join segments
        on days.customer_id = segments.customer_id
    group by
        segments.segment_id,
        days.event_type

),

event_types as (

    select distinct event_type from typed_visits

),

sizes as (

    select
        segment_id,
        segment_name,
        count(*) as customers,
        max(model_version) as model_version,
        max(as_of) as as_of
    from segments
    group by
        segment_id,
        segment_name

),

engagement as (

    select

        ---------- keys
        sizes.segment_id,
        sizes.segment_name,
        event_types.event_type,

        ---------- who visits
        sizes.customers,
        coalesce(counted.visitors, 0) as visitors,
        cast(coalesce(counted.visitors, 0) as double) / sizes.customers as visitor_share,

        ---------- how often
        cast(coalesce(counted.events, 0) as bigint) as events,
        coalesce(counted.visit_days, 0) as visit_days,

        ---------- what comes of it
        coalesce(counted.converted_visit_days, 0) as converted_visit_days,
        cast(counted.converted_visit_days as double) / counted.visit_days as conversion_rate,
        {{ wilson_bound('counted.converted_visit_days', 'counted.visit_days', 'lower') }} as conversion_rate_low,
        {{ wilson_bound('counted.converted_visit_days', 'counted.visit_days', 'upper') }} as conversion_rate_high,

        ---------- lineage
        sizes.model_version,
        sizes.as_of

    from sizes
    cross join event_types
    left join counted
        on sizes.segment_id = counted.segment_id
            and event_types.event_type = counted.event_type

)

select * from engagement
