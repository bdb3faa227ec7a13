{{ config(materialized='table') }}

with

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

lifetimes as (

    select * from {{ ref('customer_lifetimes') }}

),

-- The value of those who are strictly better decides, so that equal customers share a tier.
ranked as (

    select
        *,
        greatest(discounted_value_365_days, 0) as positive_value,
        sum(greatest(discounted_value_365_days, 0)) over () as all_value,
        sum(greatest(discounted_value_365_days, 0)) over (
            order by discounted_value_365_days desc nulls last
            range between unbounded preceding and current row
        ) - sum(greatest(discounted_value_365_days, 0)) over (partition by discounted_value_365_days) as better_value
    from lifetimes

),

lifetime_value as (

    select

        ---------- keys
        snapshot.customer_id,

        ---------- what was
        snapshot.monetary as historic_value,
        snapshot.margin as historic_margin,
        snapshot.lines_without_cost,

        ---------- BTYD
        ranked.repeat_order_days,
        ranked.t_x_days,
        ranked.age_days,

        ---------- is the customer still there?
        ranked.probability_alive,
        ranked.bg_nbd_probability_alive,
        ranked.mbg_nbd_probability_alive,

        ---------- how often will he order?
        ranked.expected_orders_30_days,
        ranked.expected_orders_90_days,
        ranked.expected_orders_365_days,
        ranked.bg_nbd_expected_orders_365_days,
        ranked.mbg_nbd_expected_orders_365_days,

        ---------- for how much?
        ranked.expected_order_value,
        ranked.order_value_from,
        ranked.discounted_value_365_days,

        ---------- what is he worth?
        snapshot.monetary + ranked.discounted_value_365_days as customer_value,
        case
            when ranked.discounted_value_365_days is null then null
            when ranked.positive_value = 0 then 'C'
            when ranked.better_value < 0.80 * ranked.all_value then 'A'
            when ranked.better_value < 0.95 * ranked.all_value then 'B'
            else 'C'
        end as value_tier,

        ---------- how it came about
        '{{ setting('lifetime_model') }}' as lifetime_model,
        snapshot.as_of

    from snapshot
    inner join ranked
        on snapshot.customer_id = ranked.customer_id

)

select * from lifetime_value
