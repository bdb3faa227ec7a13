{{ config(materialized='table') }}

{#- period, how the columns of its days begin, and which of them count -#}
{%- set measured_periods = [('all', '', 'is_occasion'), ('calibration', 'calibration_', 'is_calibration_occasion')] %}

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
-- as of its end would have seen. One pass over the orders measures both.
days as (

    select
        orders.customer_id,
        cast(orders.ordered_at as date) as order_date,
        sum(orders.amount) as amount,
        sum(case when orders.is_visit then orders.amount end) as visit_amount,
        sum(case when orders.ordered_at <= split.calibration_end then orders.amount end) as calibration_amount,
        sum(case when orders.is_visit and orders.ordered_at <= split.calibration_end then orders.amount end)
            as calibration_visit_amount,
        max(case when orders.is_visit then orders.ordered_at end) as last_visit_at,
        min(case when orders.is_visit then orders.ordered_at end) as first_visit_at
    from orders
    inner join split
        on orders.ordered_at <= split.as_of
    group by
        orders.customer_id,
        cast(orders.ordered_at as date)

),

occasions as (

    select
        days.*,
        days.first_visit_at is not null as is_occasion,
        coalesce(days.first_visit_at <= split.calibration_end, false) as is_calibration_occasion,
        coalesce(days.last_visit_at > split.calibration_end, false) as is_holdout_occasion
    from days
    cross join split

),

customers as (

    select
        customer_id,
        {%- for period, prefix, occasion in measured_periods %}
            count(case when {{ occasion }} then 1 end) as {{ period }}_occasions,
            min(case when {{ occasion }} then order_date end) as {{ period }}_first_date,
            max(case when {{ occasion }} then order_date end) as {{ period }}_last_date,
            sum({{ prefix }}amount) as {{ period }}_amount,
            sum({{ prefix }}visit_amount) as {{ period }}_visit_amount,
            {{ first_by(prefix ~ 'visit_amount', 'order_date', occasion, is_unique=true) }}
                as {{ period }}_first_amount,
        {%- endfor %}
        count(case when is_holdout_occasion then 1 end) as holdout_order_days
    from occasions
    group by customer_id

),

measured as (

    {%- for period, prefix, occasion in measured_periods %}
        select
            '{{ period }}' as period,
            customer_id,
            {{ period }}_occasions - 1 as repeat_order_days,
            {{ period }}_first_date as first_date,
            {{ period }}_last_date as last_date,
            {{ period }}_amount as amount,
            {{ period }}_visit_amount as visit_amount,
            {{ period }}_visit_amount - {{ period }}_first_amount as repeat_amount,
            {{ 'holdout_order_days' if period == 'calibration' else 'cast(null as bigint)' }} as holdout_order_days
        from customers
        where {{ period }}_occasions > 0
        {%- if not loop.last %}

            union all

        {%- endif %}
    {%- endfor %}

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
        measured.holdout_order_days,

        ---------- when
        {{ whole_days('periods.period_end', 'periods.as_of') }} as holdout_days,
        periods.period_end

    from measured
    inner join periods
        on measured.period = periods.period

)

select * from histories
