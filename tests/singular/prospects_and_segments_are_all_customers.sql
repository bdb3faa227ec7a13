with

known as (

    select distinct customer_id from {{ ref('customer_orders') }}
    {%- if has_customers() %}

        union distinct

        select customer_id from {{ ref('stg_customers') }}
    {%- endif %}

),

grouped as (

    select customer_id from {{ ref('segments') }}

    union all

    select customer_id from {{ ref('prospects') }}

),

offending as (

    select
        coalesce(known.customer_id, grouped.customer_id) as customer_id,
        count(known.customer_id) as times_known,
        count(grouped.customer_id) as times_grouped
    from known
    full outer join grouped
        on known.customer_id = grouped.customer_id
    group by coalesce(known.customer_id, grouped.customer_id)
    having count(known.customer_id) != 1
        or count(grouped.customer_id) != 1

)

select * from offending
