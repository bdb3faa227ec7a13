with

histories as (

    select * from {{ ref('lifetime_histories') }}

),

-- The model of spend is one of positive amounts: a free repeat, or one sent back, says nothing to it.
groups as (

    select

        ---------- keys
        period,
        repeat_order_days,
        repeat_order_value,

        ---------- size
        count(*) as customers

    from histories
    where repeat_order_value > 0
    group by
        period,
        repeat_order_days,
        repeat_order_value

)

select * from groups
