{{ config(materialized='table') }}

with

sample as (

    select * from {{ ref('map_sample') }}

),

axes as (

    select * from {{ ref('map_axes') }}

),

moments as (

    select * from {{ ref('segment_moments') }}

),

segments as (

    select * from {{ ref('segments') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

build as (

    select distinct
        model_version,
        as_of
    from segments

),

customers as (

    select
        'customer' as kind,
        segments.segment_id,
        segments.segment_name,
        sample.customer_id as dot,
        sample.vector
    from sample
    inner join segments
        on sample.customer_id = segments.customer_id

),

-- The projection of a mean is the mean of the projections. Segment 0 has no centre: it is no group.
centres as (

    select
        'centre' as kind,
        moments.segment_id,
        names.segment_name,
        cast(moments.segment_id as string) as dot,
        moments.mean as vector
    from moments
    inner join names
        on moments.segment_id = names.segment_id

),

points as (

    select * from customers
    union all
    select * from centres

),

coordinates as (

    select
        kind,
        segment_id,
        segment_name,
        dot,
        {{ unnested([('vector', 'coordinate'), (positions('vector'), 'place')]) }}
    from points

),

-- Decimals, so that the sums do not depend on the order of the rows.
projected as (

    select
        coordinates.kind,
        coordinates.segment_id,
        coordinates.segment_name,
        coordinates.dot,
        axes.axis,
        cast(sum(cast((coordinates.coordinate - axes.centre) * axes.loading as decimal(38, 12))) as double) as value
    from coordinates
    inner join axes
        on coordinates.place = axes.place
    group by
        coordinates.kind,
        coordinates.segment_id,
        coordinates.segment_name,
        coordinates.dot,
        axes.axis

),

placed as (

    select
        kind,
        segment_id,
        segment_name,
        {{ rounded('max(case when axis = 1 then value end)', 4) }} as x,
        {{ rounded('max(case when axis = 2 then value end)', 4) }} as y
    from projected
    group by
        kind,
        segment_id,
        segment_name,
        dot

),

shares as (

    select
        max(case when axis = 1 then variance_share end) as x_variance_share,
        max(case when axis = 2 then variance_share end) as y_variance_share
    from axes

),

-- The points are numbered by where they lie: their order says nothing about who they are.
segment_map as (

    select

        ---------- keys
        cast(row_number() over (order by placed.kind, placed.segment_id, placed.x, placed.y) as integer) as point_id,

        ---------- what it is
        placed.kind,
        cast(placed.segment_id as integer) as segment_id,
        placed.segment_name,

        ---------- where it lies
        placed.x,
        placed.y,

        ---------- how much of the differences the map shows
        shares.x_variance_share,
        shares.y_variance_share,

        ---------- lineage
        build.model_version,
        build.as_of

    from placed
    cross join shares
    cross join build

)

select * from segment_map
