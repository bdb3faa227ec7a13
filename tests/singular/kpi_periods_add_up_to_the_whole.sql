with

kpis as (

    select * from {{ ref('segment_kpis') }}

),

compared as (

    select
        scope_id,
        sum(case when period = 'all' then revenue else -revenue end) as revenue_difference,
        sum(case when period = 'all' then orders else -orders end) as order_difference,
        sum(case when period = 'all' then new_customers else -new_customers end) as customer_difference
    from kpis
    group by scope_id

)

select * from compared
where revenue_difference != 0
    or order_difference != 0
    or customer_difference != 0
