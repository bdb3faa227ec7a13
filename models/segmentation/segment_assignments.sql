{{ config(materialized='table', pre_hook="{{ check_model() }}") }}

{#- the distance to the nearest prototype of one segment, and the distances without those of segment 0 -#}
{%- set distance_to_wanted -%}
    {{ list_smallest(list_map(
        positions('measured.prototype_distances'), 'p',
        'case when ' ~ element('model.prototype_segment_id', 'p') ~ ' = wanted then '
        ~ element('measured.prototype_distances', 'p') ~ ' end'
    )) }}
{%- endset %}

with

vectors as (

    select * from {{ ref('customer_vectors') }}

),

model as (

    select * from {{ ref('current_model') }}

),

measured as (

    select
        vectors.customer_id,
        vectors.vector,
        {{ prototype_distances('vectors.vector') }} as prototype_distances
    from vectors
    cross join model

),

-- A segment is as near as its nearest prototype. With one prototype a segment, sorted by segment as
-- the registry keeps them, that is the same list.
by_segment as (

    select
        measured.customer_id,
        measured.vector,
        measured.prototype_distances,
        case
            when {{ list_length('model.prototype') }} = {{ list_length('model.segment_ids') }}
                then measured.prototype_distances
            else {{ list_map('model.segment_ids', 'wanted', distance_to_wanted) }}
        end as distances,
        -- of the ids in their order it can only be the first
        case when {{ element('model.segment_ids', 1) }} = 0 then 1 else 0 end as place_of_unassigned
    from measured
    cross join model

),

-- Ties go to the lower segment id.
nearest as (

    select
        *,
        {{ list_smallest('distances') }} as smallest_distance,
        {{ nearest('distances') }} as nearest_position
    from by_segment

),

-- Segment 0 is everywhere and nowhere: how far it is to a segment, and which comes second, is asked of
-- the others only.
compared as (

    select
        nearest.*,
        case
            when nearest.place_of_unassigned = 0 then nearest.prototype_distances
            else {{ list_map(
                positions('nearest.prototype_distances'), 'p',
                'case when ' ~ element('model.prototype_segment_id', 'p') ~ ' != 0 then '
                ~ element('nearest.prototype_distances', 'p') ~ ' end'
            ) }}
        end as distances_to_segments,
        {{ list_map(
            positions('nearest.distances'), 's',
            'case when s != nearest.nearest_position and s != nearest.place_of_unassigned then '
            ~ element('nearest.distances', 's') ~ ' end'
        ) }} as others
    from nearest
    cross join model

),

-- In a list without a number the smallest is null, and an engine may find the first null.
placed as (

    select
        *,
        {{ nearest('distances_to_segments') }} as prototype_position,
        case when {{ list_smallest('others') }} is not null then {{ nearest('others') }} end as runner_up_position
    from compared

),

assignments as (

    select

        ---------- keys
        placed.customer_id,
        model.model_version,

        ---------- the nearest segment
        {{ element('model.segment_ids', 'placed.nearest_position') }} as segment_id,
        {{ euclidean_distance('placed.vector', element('model.prototype', 'placed.prototype_position')) }} as distance,

        ---------- and how clear the case is
        {{ element('model.segment_ids', 'placed.runner_up_position') }} as runner_up_segment_id,
        {{ membership('placed.distances', 'placed.smallest_distance') }} as membership,

        ---------- what it follows from
        placed.vector

    from placed
    cross join model

)

select * from assignments
