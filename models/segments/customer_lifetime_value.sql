{{ config(materialized='table') }}

with

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

lifetimes as (

    select * from {{ ref('customer_lifetimes') }}

),

-- The value of those who are strictly better decides, so that equal customers share a tier: only the
-- different values are sorted, and nothing that a customer has besides.
distinct_values as (

    select
        discounted_value_365_days,
        sum(discounted_value_365_days) as value
    from lifetimes
    where discounted_value_365_days > 0
    group by discounted_value_365_days

),

better as (

    select
        discounted_value_365_days,
        sum(value) over () as all_value,
        sum(value) over (order by discounted_value_365_days desc) - value as better_value
    from distinct_values

),

-- The lowest value of a tier; nobody has it where nobody is worth anything.
tiers as (

    select
        min(case when better_value < 0.80 * all_value then discounted_value_365_days end) as lowest_in_a,
        min(case when better_value < 0.95 * all_value then discounted_value_365_days end) as lowest_in_b
    from better

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
        lifetimes.repeat_order_days,
        lifetimes.t_x_days,
        lifetimes.age_days,

        ---------- is the customer still there?
        lifetimes.probability_alive,
        lifetimes.bg_nbd_probability_alive,
        lifetimes.mbg_nbd_probability_alive,

        ---------- how often will he order?
        lifetimes.expected_orders_30_days,
        lifetimes.expected_orders_90_days,
        lifetimes.expected_orders_365_days,
        lifetimes.bg_nbd_expected_orders_365_days,
        lifetimes.mbg_nbd_expected_orders_365_days,

        ---------- for how much?
        lifetimes.expected_order_value,
        lifetimes.order_value_from,
        lifetimes.discounted_value_365_days,

        ---------- what is he worth?
        snapshot.monetary + lifetimes.discounted_value_365_days as customer_value,
        case
            when lifetimes.discounted_value_365_days is null then null
            when lifetimes.discounted_value_365_days >= tiers.lowest_in_a then 'A'
            when lifetimes.discounted_value_365_days >= tiers.lowest_in_b then 'B'
            else 'C'
        end as value_tier,

        ---------- how it came about
        '{{ setting('lifetime_model') }}' as lifetime_model,
        snapshot.as_of

    from snapshot
    inner join lifetimes
        on snapshot.customer_id = lifetimes.customer_id
    cross join tiers

)

select * from lifetime_value
