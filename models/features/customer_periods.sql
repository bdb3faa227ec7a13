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

cohorts as (

    select
        customer_id,
        min(case when orders > 0 then period_start end) as cohort_start
    from grouped
    group by customer_id

),

periods as (

    select

        ---------- keys
        grouped.customer_id,
        grouped.period_start,

        ---------- measures
        grouped.orders,
        grouped.revenue,
        grouped.purchased_amount,

        ---------- when
        grouped.first_order_at,
        grouped.last_order_at,

        ---------- the cohort
        cohorts.cohort_start

    from grouped
    inner join cohorts
        on grouped.customer_id = cohorts.customer_id

)

select * from periods
