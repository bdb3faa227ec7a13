{{ config(materialized='table') }}

with

vectors as (

    select * from {{ ref('customer_vectors') }}

),

-- The lottery of training_sample. More dots than this lie upon each other.
sample as (

    select
        customer_id,
        model_version,
        vector
    from vectors
    order by md5(customer_id || '{{ ':' ~ setting('seed') }}'), customer_id
    limit 3000

)

select * from sample
