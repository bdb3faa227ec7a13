{{ config(materialized='table') }}

with

registry as (

    select * from {{ ref('segment_model') }}

),

listed as (

    select
        model_version,
        unnest(components) as item
    from registry

),

principal_components as (

    select

        ---------- keys
        model_version,
        struct_extract(item, 'component') as component,

        ---------- what it explains
        struct_extract(item, 'explained_variance') as explained_variance,
        struct_extract(item, 'variance_share') as variance_share,
        struct_extract(item, 'cumulative_share') as cumulative_share,

        ---------- and whether it is used
        struct_extract(item, 'is_kept') as is_kept

    from listed

)

select * from principal_components
