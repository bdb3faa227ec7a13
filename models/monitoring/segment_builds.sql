{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='run_id', full_refresh=false,
    on_schema_change='append_new_columns'
) }}

-- depends_on: {{ ref('segments_snapshot') }}

with

segments as (

    select * from {{ ref('segments') }}

),

run as (

    select * from {{ ref('published_run') }}

),

stays as (

    {{ recorded_stays() }}

),

open_stays as (

    select * from stays
    where valid_to = {{ timestamp_literal('9999-12-31') }}

),

-- `dbt run` leaves snapshots out: what the snapshot does not hold cannot be compared with later.
unrecorded as (

    select count(*) as customers
    from segments
    full outer join open_stays
        on segments.customer_id = open_stays.customer_id
    where
        segments.segment_id is distinct from open_stays.segment_id
        or segments.segment_name is distinct from open_stays.segment_name

),

totals as (

    select
        count(*) as customers,
        sum(monetary) as revenue
    from segments

),

builds as (

    select

        ---------- keys
        run.run_id,
        run.run_at,

        ---------- what was published
        run.as_of,
        run.model_version,
        totals.customers,
        totals.revenue

    from run
    cross join totals
    inner join unrecorded
        on unrecorded.customers = 0

)

select * from builds
