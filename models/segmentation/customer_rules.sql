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
        list_transform(
            rules.conditions,
            lambda wanted: case
                when wanted.levels is not null
                    then coalesce(
                        list_contains(wanted.levels, customers.texts[wanted.place]) = wanted.is_listed,
                        wanted.takes_null
                    )
                when customers.numbers[wanted.place] is null then wanted.takes_null
                else (wanted.lower is null or customers.numbers[wanted.place] > wanted.lower)
                    and (wanted.upper is null or customers.numbers[wanted.place] <= wanted.upper)
            end
        ) as conditions
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
