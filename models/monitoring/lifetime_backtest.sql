{{ config(materialized='table') }}

with

histories as (

    select * from {{ ref('lifetime_histories') }}
    where period = 'calibration'

),

parameters as (

    select * from {{ ref('lifetime_parameters') }}
    where period = 'calibration'
        and model in ('bg_nbd', 'mbg_nbd')
        and is_usable

),

expected as (

    {{ expected_orders(
        'histories', 'parameters', list_of(['(select max(holdout_days) from histories)'], 'integer')
    ) }}

),

forecasts as (

    select
        parameters.model,
        histories.repeat_order_days,
        histories.holdout_order_days,
        histories.holdout_days,
        histories.period_end,
        -- decimals add up to the same sum in any order
        cast(
            {{ probability_alive('histories', 'parameters') }} * {{ element('expected.expected_orders', 1) }}
            as decimal(18, 9)
        ) as predicted_orders,
        cast(
            cast(histories.repeat_order_days as double) / nullif(histories.age_days, 0) * histories.holdout_days
            as decimal(18, 9)
        ) as same_pace_orders
    from histories
    cross join parameters
    inner join expected
        on parameters.model = expected.model
            and histories.repeat_order_days = expected.repeat_order_days
            and histories.age_days = expected.age_days

),

counted as (

    select
        model,
        case when repeat_order_days >= 7 then '7+' else cast(repeat_order_days as string) end as repeats,
        sum(holdout_order_days) as actual_orders,
        sum(predicted_orders) as predicted_orders,
        sum(coalesce(same_pace_orders, 0)) as same_pace_orders,
        count(*) as customers,
        sum(abs(predicted_orders - holdout_order_days)) as absolute_error,
        max(holdout_days) as holdout_days,
        max(period_end) as calibration_end
    from forecasts
    group by
        model,
        case when repeat_order_days >= 7 then '7+' else cast(repeat_order_days as string) end

),

grouped as (

    select * from counted

    union all

    select
        model,
        'all' as repeats,
        actual_orders,
        predicted_orders,
        same_pace_orders,
        customers,
        absolute_error,
        holdout_days,
        calibration_end
    from counted

),

summed as (

    select
        model,
        repeats,
        cast(sum(actual_orders) as bigint) as actual_orders,
        cast(sum(predicted_orders) as double) as predicted_orders,
        cast(sum(same_pace_orders) as double) as same_pace_orders,
        cast(sum(customers) as bigint) as customers,
        cast(sum(absolute_error) as double) / sum(customers) as mean_absolute_error,
        max(holdout_days) as holdout_days,
        max(calibration_end) as calibration_end
    from grouped
    group by
        model,
        repeats

),

backtest as (

    select

        ---------- keys
        model,
        repeats,

        ---------- size
        customers,

        ---------- what came, and what was to come
        actual_orders,
        predicted_orders,
        mean_absolute_error,
        same_pace_orders,

        ---------- when
        holdout_days,
        calibration_end,

        ---------- errors as shares of what came
        predicted_orders / nullif(actual_orders, 0) - 1 as error_share,
        same_pace_orders / nullif(actual_orders, 0) - 1 as same_pace_error_share

    from summed

)

select * from backtest
