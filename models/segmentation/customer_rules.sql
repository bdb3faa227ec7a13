{{ config(materialized='table') }}

with

customers as (

    select * from {{ ref('input_values') }}

),

rules as (

    select
        tree.rule_id,
        tree.segment_id,
        {{ bounded_conditions('tree.conditions') }} as number_conditions,
        {{ listed_conditions('tree.conditions') }} as level_conditions
    from {{ ref('surrogate_tree') }} as tree

),

-- A rule without conditions is for everyone.
customer_rules as (

    select
        customers.customer_id,
        rules.rule_id,
        rules.segment_id
    from customers
    cross join rules
    where
        {{ conditions_met(
            'rules.number_conditions', 'rules.level_conditions', 'customers.numbers', 'customers.texts'
        ) }}

)

select * from customer_rules
