{{ config(materialized='table') }}

with

customers as (

    select * from {{ ref('input_values') }}

),

rules as (

    select * from {{ ref('surrogate_tree') }}

),

met as (

    select
        customers.customer_id,
        rules.rule_id,
        rules.segment_id,
        {{ conditions_met('rules.conditions', 'customers.numbers', 'customers.texts') }} as conditions
    from customers
    cross join rules

),

customer_rules as (

    select
        customer_id,
        rule_id,
        segment_id
    from met
    -- a rule without conditions is for everyone
    where coalesce(list_bool_and(conditions), true)

)

select * from customer_rules
