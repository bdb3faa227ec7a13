{{ config(materialized='table') }}

with

profiles as (

    select * from {{ ref('segment_profiles') }}

),

kpis as (

    select * from {{ ref('segment_kpis') }}

),

whole as (

    select * from kpis
    where scope = 'segment'
        and period = 'all'

),

-- a period that is cut short at either end would look like customers lost
complete_periods as (

    select
        segment_id,
        period,
        retention_rate,
        row_number() over (partition by segment_id order by period_start desc) as age
    from kpis
    where scope = 'segment'
        and period != 'all'
        and is_complete

),

newest_period as (

    select * from complete_periods
    where age = 1

),

ranks as (

    select cast(length(cast(max(segment_rank) as string)) as integer) as digits
    from profiles

),

rounded as (

    select
        profiles.segment_id,
        newest_period.period as retention_period,
        cast(profiles.revenue as decimal(38, 2)) as revenue,
        cast(whole.discounted_value_365_days as decimal(38, 2)) as expected_value_365_days,

        -- with leading zeros from ten segments on, so that sorting the text sorts the ranks
        lpad(cast(profiles.segment_rank as string), ranks.digits, '0')
        || ' · ' || profiles.segment_name as segment_label,
        {{ rounded('100 * profiles.customer_share', 1) }} as customer_share_percent,
        {{ rounded('100 * profiles.revenue_share', 1) }} as revenue_share_percent,
        {{ rounded('cast(profiles.revenue as double) / profiles.customers', 2) }} as revenue_per_customer,
        {{ rounded('whole.average_order_value', 2) }} as average_order_value,
        {{ rounded('profiles.median_recency_days', 0) }} as median_recency_days,
        {{ rounded('profiles.median_frequency', 1) }} as median_orders,
        {{ rounded('100 * whole.repeat_rate', 1) }} as repeat_rate_percent,
        {{ rounded('100 * newest_period.retention_rate', 1) }} as retention_rate_percent,
        {{ rounded('100 * whole.churn_rate', 1) }} as churn_rate_percent,
        {{ rounded('100 * whole.conversion_rate', 1) }} as conversion_rate_percent,
        {{ rounded('whole.mean_discounted_value_365_days', 2) }} as expected_value_365_days_per_customer
    from profiles
    cross join ranks
    inner join whole
        on profiles.segment_id = whole.segment_id
    left join newest_period
        on profiles.segment_id = newest_period.segment_id

),

overview as (

    select

        ---------- keys
        profiles.segment_id,
        profiles.segment_rank,
        rounded.segment_label,
        profiles.segment_name,

        ---------- size
        profiles.customers,
        rounded.customer_share_percent,

        ---------- what they have brought
        rounded.revenue,
        rounded.revenue_share_percent,
        rounded.revenue_per_customer,
        whole.orders,
        rounded.average_order_value,

        ---------- how they behave
        rounded.median_recency_days,
        rounded.median_orders,
        rounded.repeat_rate_percent,
        rounded.retention_rate_percent,
        rounded.retention_period,
        rounded.churn_rate_percent,
        rounded.conversion_rate_percent,

        ---------- what they will bring
        rounded.expected_value_365_days,
        rounded.expected_value_365_days_per_customer,

        ---------- what to do
        profiles.goal,
        profiles.message,
        profiles.action,
        profiles.advice,
        profiles.channel,
        profiles.offer,
        profiles.metric,

        ---------- lineage
        profiles.model_version,
        profiles.as_of

    from profiles
    inner join whole
        on profiles.segment_id = whole.segment_id
    inner join rounded
        on profiles.segment_id = rounded.segment_id

)

select * from overview
