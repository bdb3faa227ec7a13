{{ config(materialized='table') }}

with

registry as (

    select * from {{ ref('segment_model') }}

),

listed as (

    select
        model_version,
        {{ unnested([('components', 'item')]) }}
    from registry

),

principal_components as (

    select

        ---------- keys
        model_version,
        {{ field('item', 'component') }} as component,

        ---------- what it explains
        {{ field('item', 'explained_variance') }} as explained_variance,
        {{ field('item', 'variance_share') }} as variance_share,
        {{ field('item', 'cumulative_share') }} as cumulative_share,

        ---------- and whether it is used
        {{ field('item', 'is_kept') }} as is_kept

    from listed

)

select * from principal_components
