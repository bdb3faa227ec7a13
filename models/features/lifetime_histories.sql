{{ config(materialized='table') }}

-- depends_on: {{ ref('transaction_audit') }}
with

orders as (

    select * from {{ ref('customer_orders') }}

),

observation as (

    select * from {{ ref('observation_window') }}

),

-- The first part of the observation ends at a midnight, so that its days are whole ones.
split as (

    select
        as_of,
        cast(cast(first_order_at as date) as timestamp) + {{ days_interval(1) }} * cast(floor(
            {{ 1 - setting('holdout_share') }}
            * {{ whole_days('cast(cast(first_order_at as date) as timestamp)', 'as_of') }}
        ) as integer) as calibration_end
    from observation

),

periods as (

    select
        'all' as period,
        as_of as period_end,
        as_of
    from split

    union all

    select
        'calibration' as period,
        calibration_end as period_end,
        as_of
    from split

),

-- An order at the very end counts, as it does for segmentation_as_of: the calibration sees what a build
-- as of its end would have seen.
days as (

    select
        periods.period,
        orders.customer_id,
        cast(orders.ordered_at as date) as order_date,
        sum(orders.amount) as amount,
        sum(case when orders.is_visit then orders.amount end) as visit_amount,
        count(case when orders.is_visit then 1 end) > 0 as is_occasion
    from orders
    inner join periods
        on orders.ordered_at <= periods.period_end
    group by
        periods.period,
        orders.customer_id,
        cast(orders.ordered_at as date)

),

measured as (

    select
        period,
        customer_id,
        count(case when is_occasion then 1 end) - 1 as repeat_order_days,
        min(case when is_occasion then order_date end) as first_date,
        max(case when is_occasion then order_date end) as last_date,
        sum(amount) as amount,
        sum(visit_amount) as visit_amount,
        sum(visit_amount) - {{ first_by('visit_amount', 'order_date', 'is_occasion') }} as repeat_amount
    from days
    group by
        period,
        customer_id
    having count(case when is_occasion then 1 end) > 0

),

holdout as (

    select
        orders.customer_id,
        count(distinct cast(orders.ordered_at as date)) as holdout_order_days
    from orders
    inner join split
        on orders.ordered_at > split.calibration_end
    where orders.is_visit
    group by orders.customer_id

),

histories as (

    select

        ---------- keys
        measured.period,
        measured.customer_id,

        ---------- BTYD
        measured.repeat_order_days,
        {{ days_between_dates('measured.first_date', 'measured.last_date') }} as t_x_days,
        {{ whole_days('cast(measured.first_date as timestamp)', 'periods.period_end') }} as age_days,

        ---------- spend
        -- What came back in an order of its own is taken off in proportion: who sent everything back is
        -- expected to keep nothing.
        cast(measured.repeat_amount as double) / nullif(measured.repeat_order_days, 0)
        * case
            when measured.visit_amount > 0
                then cast(least(greatest(measured.amount, 0), measured.visit_amount) as double)
                    / cast(measured.visit_amount as double)
            else 1
        end as repeat_order_value,

        ---------- what came after
        case
            when measured.period = 'calibration' then coalesce(holdout.holdout_order_days, 0)
        end as holdout_order_days,

        ---------- when
        {{ whole_days('periods.period_end', 'periods.as_of') }} as holdout_days,
        periods.period_end

    from measured
    inner join periods
        on measured.period = periods.period
    left join holdout
        on measured.customer_id = holdout.customer_id

)

select * from histories
