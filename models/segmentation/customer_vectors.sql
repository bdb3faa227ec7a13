{{ config(materialized=costly_view()) }}

with

customers as (

    select
        customer_id,
        {{ number_list() }} as numbers,
        {{ text_list() }} as texts
    from {{ ref('feature_snapshot') }}

),

model as (

    select * from {{ ref('current_model') }}

),

vectors as (

    {{ scored_vectors('customers', 'model') }}

)

select * from vectors
