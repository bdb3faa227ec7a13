{{ config(materialized='table') }}

with

snapshot as (

    select
        customer_id,
        {{ number_list() }} as numbers,
        {{ text_list() }} as texts
    from {{ ref('feature_snapshot') }}

),

assignments as (

    select * from {{ ref('segment_assignments') }}

),

model as (

    select * from {{ ref('current_model') }}

),

inputs as (

    select {{ unnested([('feature_names', 'feature')]) }}
    from model

),

features as (

    select distinct feature
    from inputs

),

-- The lottery of training_sample: enough for a share to be right within a hundredth.
drawn as (

    select
        customer_id,
        md5(customer_id || '{{ ':' ~ setting('seed') }}') as lot
    from assignments
    order by lot, customer_id
    limit 20000

),

turns as (

    select
        customer_id,
        row_number() over (order by lot, customer_id) as turn
    from drawn

),

sample as (

    select
        turns.customer_id,
        turns.turn,
        snapshot.numbers,
        snapshot.texts
    from turns
    inner join snapshot
        on turns.customer_id = snapshot.customer_id

),

-- A second lottery for each feature says from whom a customer gets its value.
donors as (

    select
        features.feature,
        sample.numbers,
        sample.texts,
        row_number() over (
            partition by features.feature
            order by md5(sample.customer_id || ':' || features.feature), sample.customer_id
        ) as turn
    from sample
    cross join features

),

-- Everyone once for each feature, with all his values but this one.
shuffled as (

    select
        -- scored_vectors() hands on one key: no name of a column has a colon
        donors.feature || ':' || sample.customer_id as customer_id,
        {{ with_value_of('sample.numbers', 'donors.numbers', 'donors.feature', numeric_columns()) }} as numbers,
        {{ with_value_of('sample.texts', 'donors.texts', 'donors.feature', text_columns()) }} as texts
    from sample
    inner join donors
        on sample.turn = donors.turn

),

vectors as (

    {{ scored_vectors('shuffled', 'model') }}

),

measured as (

    select
        split_part(vectors.customer_id, ':', 1) as feature,
        substr(vectors.customer_id, position(':' in vectors.customer_id) + 1) as customer_id,
        {{ prototype_distances('vectors.vector') }} as distances
    from vectors
    cross join model

),

rescored as (

    select
        measured.customer_id,
        measured.feature,
        {{ element('model.prototype_segment_id', nearest('measured.distances')) }} as segment_id
    from measured
    cross join model

),

feature_importance as (

    select

        ---------- keys
        assignments.segment_id,
        rescored.feature,

        ---------- what shuffling does
        count(*) as customers,
        count(case when rescored.segment_id != assignments.segment_id then 1 end) as customers_moved

    from rescored
    inner join assignments
        on rescored.customer_id = assignments.customer_id
    group by
        assignments.segment_id,
        rescored.feature

)

select * from feature_importance
