{{ config(materialized='table') }}

with

features as (

    select * from {{ ref('customer_features') }}

)

-- the columns of another model are out of sight for sqlfluff
select * from features  -- noqa: AM04
