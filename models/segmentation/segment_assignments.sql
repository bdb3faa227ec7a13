{{ config(materialized='table', pre_hook="{{ check_model() }}") }}

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
            when len(model.prototype) = len(model.segment_ids) then measured.prototype_distances
            else list_transform(
                    model.segment_ids,
                    lambda wanted: list_min(list_transform(
                        range(1, len(measured.prototype_distances) + 1),
                        lambda p: case
                            when model.prototype_segment_id[p] = wanted then measured.prototype_distances[p]
                        end
                    ))
                )
        end as distances
    from measured
    cross join model

),

-- Ties go to the lower segment id: list_position() finds the first.
nearest as (

    select
        *,
        list_position(prototype_distances, list_min(prototype_distances)) as nearest_prototype,
        list_position(distances, list_min(distances)) as nearest_position
    from by_segment

),

compared as (

    select
        *,
        list_concat(distances[1:nearest_position - 1], [null], distances[nearest_position + 1:]) as others
    from nearest

),

assignments as (

    select

        ---------- keys
        compared.customer_id,
        model.model_version,

        ---------- the nearest segment
        model.segment_ids[compared.nearest_position] as segment_id,
        list_distance(compared.vector, model.prototype[compared.nearest_prototype]) as distance,

        ---------- and how clear the case is
        case
            -- in a list without a number list_position() would find the first null, the segment itself
            when len(model.segment_ids) > 1
                then model.segment_ids[list_position(compared.others, list_min(compared.others))]
        end as runner_up_segment_id,
        {{ membership('compared.distances', 'compared.nearest_position') }} as membership

    from compared
    cross join model

)

select * from assignments
