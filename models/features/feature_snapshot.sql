{{ config(materialized='table') }}

with

features as (

    select * from {{ ref('customer_features') }}

)

select * from features
