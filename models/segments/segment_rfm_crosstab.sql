{{ config(materialized='table') }}

with

segments as (

    select * from {{ ref('segments') }}

),

rfm_map as (

    select * from {{ ref('rfm_map') }}

),

pairs as (

    select
        rfm_segment,
        segment_id,
        count(*) as customers,
        sum(monetary) as revenue
    from segments
    group by
        rfm_segment,
        segment_id

),

agreement as (

    {{ adjusted_rand_index('pairs', 'rfm_segment', 'segment_id') }}

),

-- Every name of the map, also one that nobody carries: a heat map needs the whole grid.
rfm_names as (

    select distinct rfm_segment
    from rfm_map

),

present as (

    select
        segment_id,
        segment_name,
        model_version,
        as_of
    from segments
    group by
        segment_id,
        segment_name,
        model_version,
        as_of

),

grid as (

    select
        rfm_names.rfm_segment,
        present.segment_id,
        present.segment_name,
        present.model_version,
        present.as_of,
        coalesce(pairs.customers, 0) as customers,
        coalesce(pairs.revenue, 0) as revenue
    from rfm_names
    cross join present
    left join pairs
        on rfm_names.rfm_segment = pairs.rfm_segment
            and present.segment_id = pairs.segment_id

),

crosstab as (

    select

        ---------- keys
        grid.rfm_segment,
        grid.segment_id,

        ---------- names
        grid.segment_name,

        ---------- size
        grid.customers,
        cast(grid.revenue as decimal(38, 4)) as revenue,

        ---------- how alike the two views are
        agreement.adjusted_rand_index,

        ---------- lineage
        grid.model_version,
        grid.as_of,

        ---------- shares
        cast(grid.customers as double)
        / nullif(sum(grid.customers) over (partition by grid.rfm_segment), 0) as share_of_rfm,
        cast(grid.customers as double)
        / nullif(sum(grid.customers) over (partition by grid.segment_id), 0) as share_of_segment

    from grid
    cross join agreement

)

select * from crosstab
