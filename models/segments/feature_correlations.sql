{{ config(materialized='table') }}

with

registry as (

    select * from {{ ref('segment_model') }}

),

pairs as (

    select
        model_version,
        unnest(correlations) as pair
    from registry

),

feature_correlations as (

    select

        ---------- keys
        model_version,
        struct_extract(pair, 'feature') as feature,
        struct_extract(pair, 'other_feature') as other_feature,

        ---------- how alike
        struct_extract(pair, 'correlation') as correlation,

        ---------- and what follows
        struct_extract(pair, 'dropped_feature') as dropped_feature,
        struct_extract(pair, 'reason') as reason

    from pairs

)

select * from feature_correlations
