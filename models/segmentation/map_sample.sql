{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

-- The lottery of training_sample. More dots than this lie upon each other.
sample as (

    select
        customer_id,
        model_version,
        vector
    from assignments
    order by md5(customer_id || '{{ ':' ~ setting('seed') }}'), customer_id
    limit 3000

)

select * from sample
