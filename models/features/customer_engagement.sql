with

visits as (

    select * from {{ ref('customer_visits') }}

),

orders as (

    select * from {{ ref('customer_orders') }}

),

observation as (

    select * from {{ ref('observation_window') }}

),

-- Who ordered and never visited has visited 0 times, but only where visits are recorded at all.
customers as (

    select customer_id from visits

    union distinct

    select customer_id from orders
    where is_visit and {{ has_events() | lower }}

),

days as (

    select
        customer_id,
        visited_on,
        max(last_event_at) as last_event_at,
        bool_or(is_converted) as is_converted
    from visits
    group by
        customer_id,
        visited_on

),

measured as (

    select
        days.customer_id,
        max(days.last_event_at) as last_event_at,
        count(*) as visit_days,
        count(
            case when days.last_event_at > observation.as_of - {{ days_interval(90) }} then 1 end
        ) as recent_visit_days,
        count(case when days.is_converted then 1 end) as converted_days
    from days
    cross join observation
    group by days.customer_id

),

engagement as (

    select

        ---------- keys
        customers.customer_id,

        ---------- measures
        {{ whole_days('measured.last_event_at', 'observation.as_of') }} as visit_recency_days,
        coalesce(measured.visit_days, 0) as visit_frequency,
        coalesce(measured.recent_visit_days, 0) as visits_last_90_days,
        cast(measured.converted_days as double) / measured.visit_days as visit_conversion_rate

    from customers
    cross join observation
    left join measured
        on customers.customer_id = measured.customer_id

)

select * from engagement
