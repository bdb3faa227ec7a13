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
        projection,
        {{ unnested([
            ('prototype_segment_id', 'segment_id'), ('prototype', 'prototype'), ('prototype_rows', 'training_rows')
        ]) }}
    from model

),

-- A segment with several prototypes has for a centre their mean, weighted by the training rows nearest
-- to each; alike if none has any.
weighted as (

    select
        *,
        coalesce(
            cast(training_rows as double)
            / nullif(sum(training_rows) over (partition by model_version, segment_id), 0),
            1 / cast(count(*) over (partition by model_version, segment_id) as double)
        ) as weight
    from prototypes

),

{%- set scaled_values = unprojected('prototype', 'projection') %}

coordinates as (

    select
        model_version,
        segment_id,
        weight,
        {{ unnested([(scaled_values, 'scaled_value'), (positions(scaled_values), 'place')]) }}
    from weighted

),

centres as (

    select
        model_version,
        segment_id,
        place,
        sum(weight * scaled_value) as scaled_value
    from coordinates
    group by
        model_version,
        segment_id,
        place

),

unscaled as (

    select
        centres.model_version,
        centres.segment_id,
        centres.place,
        centres.scaled_value,
        {{ element('model.feature_names', 'centres.place') }} as feature,
        {{ element('model.input_names', 'centres.place') }} as input,
        {{ element('model.transform', 'centres.place') }} as transform,
        {{ element('model.power', 'centres.place') }} as power,
        centres.scaled_value * {{ element('model.scale', 'centres.place') }}
        + {{ element('model.centre', 'centres.place') }} as transformed_value
    from centres
    inner join model
        on centres.model_version = model.model_version

),

centroids as (

    select

        ---------- keys
        cast(unscaled.segment_id as integer) as segment_id,
        unscaled.input,

        ---------- names
        unscaled.feature,
        names.segment_name,
        cast(unscaled.place as integer) as position,

        ---------- where the centre lies
        {{ untransformed('unscaled.transformed_value', 'unscaled.transform', 'unscaled.power') }} as value,
        unscaled.scaled_value,

        ---------- lineage
        unscaled.model_version

    from unscaled
    inner join names
        on unscaled.segment_id = names.segment_id

)

select * from centroids
