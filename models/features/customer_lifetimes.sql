{{ config(materialized='table') }}

{#- Every 30 days of a year, and its end. -#}
{%- set horizons = range(30, 361, 30) | list + [365] -%}
{%- set chosen = setting('lifetime_model') -%}

with

histories as (

    select * from {{ ref('lifetime_histories') }}
    where period = 'all'

),

parameters as (

    select * from {{ ref('lifetime_parameters') }}
    where period = 'all'
        and is_usable

),

lifetime_models as (

    select * from parameters
    where model in ('bg_nbd', 'mbg_nbd')

),

spend_model as (

    select * from parameters
    where model = 'gamma_gamma'

),

-- A day has 365ths of the yearly rate; what is ordered within a step is paid in its middle.
steps as (

    {%- for days in horizons %}
        {%- set previous = 0 if loop.first else horizons[loop.index0 - 1] %}
        select
            {{ loop.index }} as step,
            power({{ 1 + setting('discount_rate') }}, -{{ (previous + days) / 2 }} / 365.0) as discount
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

),

discounts as (

    select list(discount order by step) as step_discounts
    from steps

),

expected as (

    {{ expected_orders('histories', 'lifetime_models', horizons) }}

),

-- by steps, and all of them discounted
growth as (

    select
        *,
        list_transform(
            range(1, {{ horizons | length + 1 }}),
            lambda i: expected_orders[i] - case when i = 1 then 0 else expected_orders[i - 1] end
        ) as step_orders
    from expected

),

stepwise as (

    select
        growth.*,
        list_inner_product(growth.step_orders, discounts.step_discounts) as discounted_orders
    from growth
    cross join discounts

),

modelled as (

    select
        histories.customer_id,
        lifetime_models.model,
        stepwise.expected_orders,
        stepwise.discounted_orders,
        {{ probability_alive('histories', 'lifetime_models') }} as probability_alive
    from histories
    cross join lifetime_models
    inner join stepwise
        on lifetime_models.model = stepwise.model
            and histories.repeat_order_days = stepwise.repeat_order_days
            and histories.age_days = stepwise.age_days

),

-- Without the model of spend everybody is taken at the mean of his own repeat order days, and who has none
-- at that of all.
fallback as (

    select
        sum(cast(repeat_order_value as decimal(38, 4)) * repeat_order_days)
        / nullif(sum(repeat_order_days), 0) as mean_order_value
    from histories

),

orders as (

    select
        histories.customer_id,
        case when spend_model.model is null then 'own mean' else 'gamma_gamma' end as order_value_from,
        case
            when spend_model.model is null
                then greatest(coalesce(histories.repeat_order_value, fallback.mean_order_value), 0)
            else
                spend_model.p
                * (
                    spend_model.v
                    + histories.repeat_order_days * greatest(coalesce(histories.repeat_order_value, 0), 0)
                )
                / (spend_model.p * histories.repeat_order_days + spend_model.q - 1)
        end as expected_order_value
    from histories
    cross join fallback
    left join spend_model
        on true

),

lifetimes as (

    select

        ---------- keys
        histories.customer_id,

        ---------- BTYD
        histories.repeat_order_days,
        histories.t_x_days,
        histories.age_days,

        ---------- is the customer still there?
        {{ chosen }}.probability_alive,
        bg_nbd.probability_alive as bg_nbd_probability_alive,
        mbg_nbd.probability_alive as mbg_nbd_probability_alive,

        ---------- how often will he order?
        {%- for days in [30, 90, 365] %}
            {{ chosen }}.probability_alive * {{ chosen }}.expected_orders[{{ horizons.index(days) + 1 }}]
                as expected_orders_{{ days }}_days,
        {%- endfor %}
        bg_nbd.probability_alive * bg_nbd.expected_orders[{{ horizons | length }}]
            as bg_nbd_expected_orders_365_days,
        mbg_nbd.probability_alive * mbg_nbd.expected_orders[{{ horizons | length }}]
            as mbg_nbd_expected_orders_365_days,

        ---------- for how much?
        orders.expected_order_value,
        orders.order_value_from,
        cast(
            {{ chosen }}.probability_alive * {{ chosen }}.discounted_orders * orders.expected_order_value
            as decimal(38, 4)
        ) as discounted_value_365_days

    from histories
    inner join orders
        on histories.customer_id = orders.customer_id
    left join modelled as bg_nbd
        on histories.customer_id = bg_nbd.customer_id
            and bg_nbd.model = 'bg_nbd'
    left join modelled as mbg_nbd
        on histories.customer_id = mbg_nbd.customer_id
            and mbg_nbd.model = 'mbg_nbd'

)

select * from lifetimes
