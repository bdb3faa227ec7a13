{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='as_of', full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with

segments as (

    select * from {{ ref('segments') }}

),

builds as (

    select * from {{ ref('segment_builds') }}

),

published as (

    select * from {{ ref('published_run') }}

),

-- what the snapshot does not hold is no build
run as (

    select builds.*
    from builds
    inner join published
        on builds.run_id = published.run_id

),

stays as (

    {{ recorded_stays() }}

),

previous_build as (

    select
        builds.run_at,
        builds.as_of
    from builds
    inner join run
        on builds.as_of < run.as_of
    order by
        builds.as_of desc,
        builds.run_at desc
    limit 1

),

before as (

    select
        stays.customer_id,
        stays.segment_id,
        stays.segment_name
    from stays
    inner join previous_build
        on stays.valid_from <= previous_build.run_at
            and stays.valid_to > previous_build.run_at

),

---------- each segment now, and each before

measured as (

    select
        segment_id,
        segment_name,
        count(*) as customers,
        sum(monetary) as revenue,
        avg(recency_days) as mean_recency_days,
        avg(frequency) as mean_frequency,
        -- the sum of decimals is the same in any order
        cast(sum(monetary) as double) / count(*) as mean_monetary
    from segments
    group by
        segment_id,
        segment_name

),

measured_before as (

    select
        segment_id,
        segment_name,
        count(*) as customers
    from before
    group by
        segment_id,
        segment_name

),

entered as (

    select
        segments.segment_id,
        count(*) as customers,
        count(case when before.customer_id is null then 1 end) as new_customers
    from segments
    left join before
        on segments.customer_id = before.customer_id
    where before.segment_id is distinct from segments.segment_id
    group by segments.segment_id

),

-- "left" is a word of SQL's
departed as (

    select
        before.segment_id,
        count(*) as customers,
        count(case when segments.customer_id is null then 1 end) as gone_customers
    from before
    left join segments
        on before.customer_id = segments.customer_id
    where segments.segment_id is distinct from before.segment_id
    group by before.segment_id

),

-- A segment that everybody has left has a last row, which says so.
history as (

    select

        ---------- keys
        run.as_of,
        previous_build.as_of as previous_as_of,

        ---------- marketing RFM
        measured.mean_recency_days,
        measured.mean_frequency,
        measured.mean_monetary,

        ---------- lineage
        run.model_version,
        run.run_at,

        ---------- money
        cast(coalesce(measured.revenue, 0) as decimal(38, 4)) as revenue,

        ---------- segment
        coalesce(measured.segment_id, measured_before.segment_id) as segment_id,
        coalesce(measured.segment_name, measured_before.segment_name) as segment_name,

        ---------- size
        coalesce(measured.customers, 0) as customers,
        cast(coalesce(measured.customers, 0) as double) / run.customers as customer_share,
        cast(coalesce(measured.revenue, 0) as double) / nullif(cast(run.revenue as double), 0) as revenue_share,

        ---------- movement, not known of the first build
        case
            when previous_build.as_of is not null then coalesce(measured_before.customers, 0)
        end as previous_customers,
        case when previous_build.as_of is not null then coalesce(entered.customers, 0) end as entered_customers,
        case when previous_build.as_of is not null then coalesce(entered.new_customers, 0) end as new_customers,
        case when previous_build.as_of is not null then coalesce(departed.customers, 0) end as left_customers,
        case when previous_build.as_of is not null then coalesce(departed.gone_customers, 0) end as gone_customers

    from measured
    full outer join measured_before
        on measured.segment_id = measured_before.segment_id
    cross join run
    left join previous_build
        on true
    left join entered
        on measured.segment_id = entered.segment_id
    left join departed
        on measured_before.segment_id = departed.segment_id

)

select * from history
