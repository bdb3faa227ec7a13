{{ config(materialized='table') }}

with

segments as (

    select * from {{ ref('segments') }}

),

observation as (

    select as_of
    from {{ ref('observation_window') }}

),

periods as (

    select
        periods.*,
        segments.segment_id
    from {{ ref('customer_periods') }} as periods
    inner join segments
        on periods.customer_id = segments.customer_id

),

contacts as (

    select
        segments.segment_id,
        contacts.has_responded,
        {{ period_start('contacts.contacted_at') }} as period_start
    from {{ ref('stg_campaign_contacts') }} as contacts
    inner join segments
        on contacts.customer_id = segments.customer_id

),

revenue as (

    select
        segment_id,
        period_start,
        sum(orders) as orders,
        sum(revenue) as revenue,
        sum(purchased_amount) as purchased_amount
    from periods
    group by
        segment_id,
        period_start

),

active as (

    select
        segment_id,
        period_start,
        orders,
        first_order_at,
        last_order_at,
        sum(orders) over (partition by customer_id order by period_start) as orders_so_far,
        lag(period_start) over (partition by customer_id order by period_start) as previous_start,
        lag(last_order_at) over (partition by customer_id order by period_start) as previous_order_at,
        lead(first_order_at) over (partition by customer_id order by period_start) as next_order_at
    from periods
    where orders > 0

),

arrivals as (

    select
        segment_id,
        period_start,
        count(*) as active_customers,
        count(case when {{ next_period('previous_start') }} = period_start then 1 end) as retained_customers,
        count(case when previous_start is null then 1 end) as new_customers,
        count(case when orders_so_far > 1 and orders_so_far - orders <= 1 then 1 end) as new_repeat_customers,
        count(case
            when previous_order_at + {{ days_interval(setting('churn_days')) }} <= first_order_at then 1
        end) as recovered_customers
    from active
    group by
        segment_id,
        period_start

),

-- Who has not ordered for so many days is lost at the end of the period in which the last of them falls.
departures as (

    select
        active.segment_id,
        active.last_order_at + {{ days_interval(setting('churn_days')) }} as lost_at
    from active
    cross join observation
    where active.last_order_at + {{ days_interval(setting('churn_days')) }}
        <= coalesce(active.next_order_at, observation.as_of)

),

lost as (

    select
        segment_id,
        {{ period_start(just_before('lost_at')) }} as period_start,
        count(*) as lost_customers
    from departures
    group by
        segment_id,
        {{ period_start(just_before('lost_at')) }}

),

contacted as (

    select
        segment_id,
        period_start,
        count(*) as contacted,
        count(case when has_responded then 1 end) as responded
    from contacts
    group by
        segment_id,
        period_start

),

keys as (

    select
        segment_id,
        period_start
    from revenue

    union

    select
        segment_id,
        period_start
    from lost

    union

    select
        segment_id,
        period_start
    from contacted

),

activity as (

    select

        ---------- keys
        keys.segment_id,
        keys.period_start,

        ---------- orders
        cast(coalesce(revenue.orders, 0) as bigint) as orders,

        ---------- customers
        coalesce(arrivals.active_customers, 0) as active_customers,
        coalesce(arrivals.retained_customers, 0) as retained_customers,
        coalesce(arrivals.new_customers, 0) as new_customers,
        coalesce(arrivals.new_repeat_customers, 0) as new_repeat_customers,
        coalesce(lost.lost_customers, 0) as lost_customers,
        coalesce(arrivals.recovered_customers, 0) as recovered_customers,

        ---------- campaigns
        coalesce(contacted.contacted, 0) as contacted,
        coalesce(contacted.responded, 0) as responded,

        ---------- money
        coalesce(revenue.revenue, 0) as revenue,
        coalesce(revenue.purchased_amount, 0) as purchased_amount

    from keys
    left join revenue
        on keys.segment_id = revenue.segment_id
            and keys.period_start = revenue.period_start
    left join arrivals
        on keys.segment_id = arrivals.segment_id
            and keys.period_start = arrivals.period_start
    left join lost
        on keys.segment_id = lost.segment_id
            and keys.period_start = lost.period_start
    left join contacted
        on keys.segment_id = contacted.segment_id
            -- contacts of an unknown date have a row too
            and keys.period_start is not distinct from contacted.period_start

)

select * from activity
