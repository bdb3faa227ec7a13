{{ config(materialized=costly_view()) }}

{%- set has_country = setting('country') is not none -%}
{%- set has_cost = setting('cost') is not none -%}

-- depends_on: {{ ref('transaction_audit') }}
with

orders as (

    select * from {{ ref('customer_orders') }}

),

-- Orders by another name, since DuckDB would copy what is named twice before it reads it.
visits as (

    select * from {{ ref('customer_orders') }}
    where is_visit

),

observation as (

    select * from {{ ref('observation_window') }}

),

assortment as (

    select * from {{ ref('customer_assortment') }}

),

measured as (

    select
        orders.customer_id,
        count(case when orders.is_visit then 1 end) as frequency,
        min(case when orders.is_visit then orders.ordered_at end) as first_order_at,
        max(case when orders.is_visit then orders.ordered_at end) as last_order_at,
        sum(orders.amount) as monetary,
        sum(orders.purchased_amount) as purchased_amount,
        sum(orders.returned_amount) as returned_amount,
        {%- if has_cost %}
            sum(orders.net_cost) as net_cost,
        {%- endif %}
        sum(orders.lines_without_cost) as lines_without_cost,
        sum(case when orders.is_visit then orders.items end) as items,
        count(case when orders.is_visit and {{ is_weekend('orders.ordered_at') }} then 1 end) as weekend_orders,
        sum(case
            when orders.ordered_at > observation.as_of - {{ days_interval(90) }} then orders.amount else 0
        end) as spend_last_90_days,
        sum(case
            when orders.ordered_at <= observation.as_of - {{ days_interval(90) }}
                and orders.ordered_at > observation.as_of - {{ days_interval(180) }} then orders.amount
            else 0
        end) as spend_prior_90_days,
        {%- if has_country %}
            {{ first_by('orders.country', 'observation.as_of - orders.ordered_at', 'orders.is_visit') }} as country,
        {%- endif %}
        max(observation.as_of) as as_of
    from orders
    cross join observation
    group by orders.customer_id
    -- whoever only returned has no valid order: counted in the audit, in no segment
    having count(case when orders.is_visit then 1 end) > 0

),

-- BTYD practice: what one buys on one day is one occasion.
occasions as (

    select
        customer_id,
        cast(ordered_at as date) as occasion_date,
        sum(amount) as amount
    from visits
    group by
        customer_id,
        cast(ordered_at as date)

),

gaps as (

    select
        customer_id,
        occasion_date,
        amount,
        {{ days_between_dates(
            'lag(occasion_date) over (partition by customer_id order by occasion_date)', 'occasion_date'
        ) }} as gap_days
    from occasions

),

rhythm as (

    select
        customer_id,
        count(*) - 1 as repeat_order_days,
        min(occasion_date) as first_date,
        {{ days_between_dates('min(occasion_date)', 'max(occasion_date)') }} as t_x_days,
        sum(case when gap_days is not null then amount end) as repeat_amount,
        avg(gap_days) as mean_days_between_orders,
        -- from whole-number sums, so that not even the last digit depends on the order of the rows
        sqrt(
            (sum(gap_days * gap_days) - cast(sum(gap_days) * sum(gap_days) as double) / nullif(count(gap_days), 0))
            / nullif(count(gap_days) - 1, 0)
        ) as sd_days_between_orders
    from gaps
    group by customer_id

),

behaviour as (

    select

        ---------- keys
        measured.customer_id,

        ---------- marketing RFM
        {{ whole_days('measured.last_order_at', 'measured.as_of') }} as recency_days,
        measured.frequency,
        measured.monetary,

        ---------- BTYD
        rhythm.repeat_order_days,
        rhythm.t_x_days,
        {{ whole_days('cast(rhythm.first_date as timestamp)', 'measured.as_of') }} as age_days,
        cast(rhythm.repeat_amount as double) / nullif(rhythm.repeat_order_days, 0) as mean_repeat_spend,

        ---------- baskets
        cast(measured.purchased_amount as double) / measured.frequency as average_order_value,
        cast(measured.items as double) / measured.frequency as items_per_order,
        coalesce(cast(measured.returned_amount as double) / nullif(cast(measured.purchased_amount as double), 0), 0)
            as return_rate,

        ---------- rhythm
        {{ whole_days('measured.first_order_at', 'measured.as_of') }} as tenure_days,
        rhythm.mean_days_between_orders,
        rhythm.sd_days_between_orders,
        measured.spend_last_90_days,
        measured.spend_prior_90_days,
        cast(measured.spend_last_90_days - measured.spend_prior_90_days as double)
        / nullif(cast(abs(measured.spend_last_90_days) + abs(measured.spend_prior_90_days) as double), 0)
            as spend_trend,
        cast(measured.weekend_orders as double) / measured.frequency as weekend_share,

        ---------- assortment
        assortment.distinct_products,
        assortment.distinct_categories,
        assortment.favourite_category,
        assortment.favourite_channel,
        {{ 'measured.country' if has_country else 'cast(null as string) as country' }},

        ---------- margin
        {% if has_cost -%}
            -- one line without a cost would make the whole of it too high
            case when measured.lines_without_cost = 0 then measured.monetary - measured.net_cost end as margin,
        {%- else -%}
            cast(null as decimal(38, 4)) as margin,
        {%- endif %}
        cast(measured.lines_without_cost as bigint) as lines_without_cost,

        ---------- when
        measured.first_order_at,
        measured.last_order_at,
        measured.as_of

    from measured
    inner join rhythm
        on measured.customer_id = rhythm.customer_id
    left join assortment
        on measured.customer_id = assortment.customer_id

)

select * from behaviour
