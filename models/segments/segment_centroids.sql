{{ config(materialized='table') }}

with

model as (

    select * from {{ ref('current_model') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

prototypes as (

    select
        model_version,
        feature_names,
        transform,
        centre,
        scale,
        unnest(prototype_segment_id) as segment_id,
        unnest(prototype) as prototype
    from model

),

coordinates as (

    select
        model_version,
        segment_id,
        unnest(range(1, len(prototype) + 1)) as position,
        unnest(feature_names) as feature,
        unnest(transform) as transform,
        unnest(prototype) as scaled_value,
        unnest(prototype) * unnest(scale) + unnest(centre) as transformed_value
    from prototypes

),

-- A segment with several prototypes has their mean for a centre.
centres as (

    select
        model_version,
        segment_id,
        feature,
        min(position) as position,
        min(transform) as transform,
        avg(scaled_value) as scaled_value,
        avg(transformed_value) as transformed_value
    from coordinates
    group by
        model_version,
        segment_id,
        feature

),

centroids as (

    select

        ---------- keys
        cast(centres.segment_id as integer) as segment_id,
        centres.feature,

        ---------- names
        names.segment_name,
        cast(centres.position as integer) as position,

        ---------- where the centre lies
        case centres.transform
            when 'log' then {{ signed_exp('centres.transformed_value') }}
            else centres.transformed_value
        end as value,
        centres.scaled_value,

        ---------- lineage
        centres.model_version

    from centres
    inner join names
        on centres.segment_id = names.segment_id

)

select * from centroids
