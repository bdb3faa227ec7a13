{{ config(materialized='table') }}

with

orders as (

    select
        customer_id,
        {{ period_start('ordered_at') }} as period_start,
        case when is_visit then ordered_at end as visited_at,
        amount,
        purchased_amount
    from {{ ref('customer_orders') }}

),

grouped as (

    select
        customer_id,
        period_start,
        count(visited_at) as orders,
        sum(amount) as revenue,
        sum(purchased_amount) as purchased_amount,
        min(visited_at) as first_order_at,
        max(visited_at) as last_order_at
    from orders
    group by
        customer_id,
        period_start

),

periods as (

    select

        ---------- keys
        customer_id,
        period_start,

        ---------- measures
        orders,
        revenue,
        purchased_amount,

        ---------- when
        first_order_at,
        last_order_at,

        ---------- the cohort
        min(case when orders > 0 then period_start end) over (partition by customer_id) as cohort_start

    from grouped

)

select * from periods
