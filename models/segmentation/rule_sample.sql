{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

values_of_customers as (

    select * from {{ ref('input_values') }}

),

-- The lottery of training_sample. A tree with few leaves learns nothing more from more customers.
drawn as (

    select
        customer_id,
        segment_id,
        md5(customer_id || '{{ ':' ~ setting('seed') }}') as lot
    from assignments
    order by lot, customer_id
    limit 50000

),

sample as (

    select

        ---------- keys
        drawn.customer_id,

        ---------- what is to be explained
        drawn.segment_id,

        ---------- and what by
        values_of_customers.numbers,
        values_of_customers.texts

    from drawn
    inner join values_of_customers
        on drawn.customer_id = values_of_customers.customer_id

)

select * from sample
