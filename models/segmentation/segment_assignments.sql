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

-- Ties go to the lower segment id.
nearest as (

    select
        *,
        {{ nearest('distances') }} as nearest_position
    from by_segment

),

-- Segment 0 is everywhere and nowhere: how far it is to a segment, and which comes second, is asked of
-- the others only.
compared as (

    select
        nearest.*,
        model.segment_ids[nearest.nearest_position] as segment_id,
        case
            when model.segment_ids[1] = 0
                then list_transform(
                        range(1, len(nearest.prototype_distances) + 1),
                        lambda p: case
                            when model.prototype_segment_id[p] != 0 then nearest.prototype_distances[p]
                        end
                    )
            else nearest.prototype_distances
        end as distances_to_segments,
        list_transform(
            range(1, len(nearest.distances) + 1),
            lambda s: case
                when s != nearest.nearest_position and model.segment_ids[s] != 0 then nearest.distances[s]
            end
        ) as others
    from nearest
    cross join model

),

assignments as (

    select

        ---------- keys
        compared.customer_id,
        model.model_version,

        ---------- the nearest segment
        compared.segment_id,
        list_distance(
            compared.vector, model.prototype[{{ nearest('compared.distances_to_segments') }}]
        ) as distance,

        ---------- and how clear the case is
        case
            -- in a list without a number list_position() would find the first null
            when list_min(compared.others) is not null
                then model.segment_ids[{{ nearest('compared.others') }}]
        end as runner_up_segment_id,
        {{ membership('compared.distances', 'compared.nearest_position') }} as membership,

        ---------- what it follows from
        compared.vector

    from compared
    cross join model

)

select * from assignments
