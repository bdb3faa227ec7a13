with

customers as (

    select
        customer_id,
        1 as is_known,
        0 as is_grouped
    from {{ ref('customer_orders') }}
    {%- if has_customers() %}

        union all

        select
            customer_id,
            1 as is_known,
            0 as is_grouped
        from {{ ref('stg_customers') }}
    {%- endif %}

    union all

    select
        customer_id,
        0 as is_known,
        1 as is_grouped
    from {{ ref('segments') }}

    union all

    select
        customer_id,
        0 as is_known,
        1 as is_grouped
    from {{ ref('prospects') }}

),

offending as (

    select
        customer_id,
        max(is_known) as times_known,
        sum(is_grouped) as times_grouped
    from customers
    group by customer_id
    having max(is_known) != 1
        or sum(is_grouped) != 1

)

select * from offending
