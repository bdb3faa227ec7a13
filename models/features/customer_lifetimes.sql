{{ config(materialized='table') }}

{#- Every 30 days of a year, and its end. -#}
{%- set horizons = range(30, 361, 30) | list + [365] -%}
{%- set chosen = setting('lifetime_model') -%}
{%- set models = ['bg_nbd', 'mbg_nbd'] -%}

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
    where model in ('{{ models | join("', '") }}')

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
            power({{ 1 + setting('discount_rate') }}, -{{ (previous + days) / 2 }} / 365e0) as discount
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

),

discounts as (

    select {{ collected('discount', 'step') }} as step_discounts
    from steps

),

expected as (

    {{ expected_orders('histories', 'lifetime_models', list_of(horizons, 'integer')) }}

),

-- by steps, and all of them discounted
growth as (

    select
        *,
        {{ list_map(
            whole_numbers(1, horizons | length),
            'i',
            element('expected_orders', 'i') ~ ' - case when i = 1 then 0 else '
            ~ element('expected_orders', 'i - 1') ~ ' end'
        ) }} as step_orders
    from expected

),

stepwise as (

    select
        growth.*,
        {{ inner_product('growth.step_orders', 'discounts.step_discounts') }} as discounted_orders
    from growth
    cross join discounts

),

-- What the models expect depends on the history alone, which many customers share: one row for each.
outlooks as (

    select
        {%- for model in models %}
            {%- for days in [30, 90, 365] %}
                max(case when model = '{{ model }}' then {{ element('expected_orders', horizons.index(days) + 1) }} end)
                    as {{ model }}_orders_{{ days }}_days,
            {%- endfor %}
            max(case when model = '{{ model }}' then discounted_orders end) as {{ model }}_discounted_orders,
        {%- endfor %}
        repeat_order_days,
        age_days
    from stepwise
    group by
        repeat_order_days,
        age_days

),

{%- for model in models %}

    {{ model }} as (

        select * from lifetime_models
        where model = '{{ model }}'

    ),
{%- endfor %}

-- Without the model of spend everybody is taken at the mean of his own repeat order days, and who has none
-- at that of all.
fallback as (

    select
        cast(sum({{ to_decimal('repeat_order_value', 38, 4) }} * repeat_order_days) as double)
        / nullif(sum(repeat_order_days), 0) as mean_order_value
    from histories

),

expected_of_customers as (

    select
        histories.customer_id,
        histories.repeat_order_days,
        histories.t_x_days,
        histories.age_days,
        {%- for model in models %}
            {%- for days in [30, 90, 365] %}
                outlooks.{{ model }}_orders_{{ days }}_days,
            {%- endfor %}
            outlooks.{{ model }}_discounted_orders,
            case when {{ model }}.model is not null then {{ probability_alive('histories', model) }} end
                as {{ model }}_probability_alive,
        {%- endfor %}
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
    {%- for model in models %}
        left join {{ model }}
            on true
    {%- endfor %}
    left join spend_model
        on true
    left join outlooks
        on histories.repeat_order_days = outlooks.repeat_order_days
            and histories.age_days = outlooks.age_days

),

lifetimes as (

    select

        ---------- keys
        customer_id,

        ---------- BTYD
        repeat_order_days,
        t_x_days,
        age_days,

        ---------- is the customer still there?
        {{ chosen }}_probability_alive as probability_alive,
        bg_nbd_probability_alive,
        mbg_nbd_probability_alive,

        ---------- how often will he order?
        {%- for days in [30, 90, 365] %}
            {{ chosen }}_probability_alive * {{ chosen }}_orders_{{ days }}_days as expected_orders_{{ days }}_days,
        {%- endfor %}
        bg_nbd_probability_alive * bg_nbd_orders_365_days as bg_nbd_expected_orders_365_days,
        mbg_nbd_probability_alive * mbg_nbd_orders_365_days as mbg_nbd_expected_orders_365_days,

        ---------- for how much?
        expected_order_value,
        order_value_from,
        {{ to_decimal(chosen ~ '_probability_alive * ' ~ chosen ~ '_discounted_orders * expected_order_value', 38, 4) }}
            as discounted_value_365_days

    from expected_of_customers

)

select * from lifetimes
