{{ config(materialized='table') }}

with

segments as (

    select * from {{ ref('segments') }}

),

orders as (

    select * from {{ ref('customer_orders') }}

),

engagement as (

    select * from {{ ref('customer_engagement') }}

),

observation as (

    select * from {{ ref('observation_window') }}

),

on_file as (

    {% if has_customers() -%}
        select customer_id from {{ ref('stg_customers') }}
    {%- else -%}
        select cast(null as string) as customer_id
        where false
    {%- endif %}

),

-- Kept lines without a visit. Whoever has bought besides is in a segment, so that no other order counts.
returners as (

    select distinct customer_id
    from orders
    where not is_visit

),

known as (

    select
        coalesce(on_file.customer_id, returners.customer_id) as customer_id,
        on_file.customer_id is not null as is_on_file,
        returners.customer_id is not null as has_returned
    from on_file
    full outer join returners
        on on_file.customer_id = returners.customer_id

),

prospects as (

    select

        ---------- keys
        known.customer_id,

        ---------- why there is no segment
        case when known.has_returned then 'only returns' else 'no valid order' end as prospect_reason,
        known.is_on_file,

        ---------- interest
        engagement.visit_recency_days,
        {%- if has_events() %}
            coalesce(engagement.visit_frequency, 0) as visit_frequency,
            coalesce(engagement.visits_last_90_days, 0) as visits_last_90_days,
        {%- else %}
            cast(null as bigint) as visit_frequency,
            cast(null as bigint) as visits_last_90_days,
        {%- endif %}

        ---------- when
        observation.as_of

    from known
    cross join observation
    left join engagement
        on known.customer_id = engagement.customer_id
    left join segments
        on known.customer_id = segments.customer_id
    where segments.customer_id is null

)

select * from prospects
