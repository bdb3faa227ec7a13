{{ config(materialized='table') }}

with

registry as (

    select * from {{ ref('segment_model') }}

),

pairs as (

    select
        model_version,
        {{ unnested([('correlations', 'pair')]) }}
    from registry

),

feature_correlations as (

    select

        ---------- keys
        model_version,
        {{ field('pair', 'feature') }} as feature,
        {{ field('pair', 'other_feature') }} as other_feature,

        ---------- how alike
        {{ field('pair', 'correlation') }} as correlation,

        ---------- and what follows
        {{ field('pair', 'dropped_feature') }} as dropped_feature,
        {{ field('pair', 'reason') }} as reason

    from pairs

)

select * from feature_correlations
