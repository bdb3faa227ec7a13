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

selected as (

    select
        customers.customer_id,
        {{ list_picked('customers.numbers', 'model.number_position') }} as numbers,
        {{ list_picked('customers.texts', 'model.text_position') }} as texts
    from customers
    cross join model

),

-- A number that is not finite is as good as unknown, here as in the scores.
input_values as (

    select
        customer_id,
        texts,
        {{ list_map('numbers', 'number', 'case when ' ~ is_finite('number') ~ ' then number end') }} as numbers
    from selected

)

select * from input_values
