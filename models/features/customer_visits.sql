with

visits as (

    select * from {{ ref('event_ledger') }}
    where reject_reason is null

),

orders as (

    select * from {{ ref('customer_orders') }}

),

visitors as (

    select distinct customer_id from visits

),

days as (

    select
        customer_id,
        visited_on as happened_on,
        event_type,
        events,
        last_event_at,
        true as is_event
    from visits

    union all

    select
        orders.customer_id,
        cast(orders.ordered_at as date) as happened_on,
        cast(null as string) as event_type,
        cast(null as bigint) as events,
        cast(null as timestamp) as last_event_at,
        false as is_event
    from orders
    -- the orders of others would only be sorted for nothing
    inner join visitors
        on orders.customer_id = visitors.customer_id
    where orders.is_visit

),

-- The range begins with the whole of the day itself: an order on it counts, whatever the hour.
followed as (

    select
        *,
        min(case when not is_event then happened_on end) over (
            partition by customer_id
            order by happened_on
            range between current row and unbounded following
        ) as next_ordered_on
    from days

),

converted as (

    select

        ---------- keys
        customer_id,
        happened_on as visited_on,
        event_type,

        ---------- measures
        events,
        last_event_at,
        coalesce(
            {{ days_between_dates('happened_on', 'next_ordered_on') }} <= {{ setting('event_conversion_days') }}, false
        ) as is_converted

    from followed
    where is_event

)

select * from converted
