with

histories as (

    select * from {{ ref('lifetime_histories') }}

),

groups as (

    select

        ---------- keys
        period,
        repeat_order_days,
        t_x_days,
        age_days,

        ---------- size
        count(*) as customers

    from histories
    group by
        period,
        repeat_order_days,
        t_x_days,
        age_days

)

select * from groups
