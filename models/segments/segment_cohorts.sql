{{ config(materialized='table') }}

with

segments as (

    select * from {{ ref('segments') }}

),

periods as (

    select * from {{ ref('observed_periods') }}

),

scopes as (

    select
        'segment' as scope,
        cast(segment_id as string) as scope_id,
        segment_id,
        max(segment_name) as segment_name
    from segments
    group by segment_id

    union all

    select
        'overall' as scope,
        'all' as scope_id,
        cast(null as integer) as segment_id,
        cast(null as string) as segment_name

),

-- What came back before the first order, because it was bought before the observation, counts with the first period.
activity as (

    select
        segments.segment_id,
        customer_periods.cohort_start,
        greatest(customer_periods.period_start, customer_periods.cohort_start) as period_start,
        count(case when customer_periods.orders > 0 then 1 end) as active_customers,
        sum(customer_periods.orders) as orders,
        sum(customer_periods.revenue) as revenue
    from {{ ref('customer_periods') }} as customer_periods
    inner join segments
        on customer_periods.customer_id = segments.customer_id
    group by
        segments.segment_id,
        customer_periods.cohort_start,
        greatest(customer_periods.period_start, customer_periods.cohort_start)

),

cohorts as (

    select
        scopes.scope_id,
        activity.cohort_start,
        sum(activity.active_customers) as cohort_customers
    from scopes
    inner join activity
        on scopes.segment_id is null
            or scopes.segment_id = activity.segment_id
    where activity.period_start = activity.cohort_start
    group by
        scopes.scope_id,
        activity.cohort_start

),

measured as (

    select
        scopes.scope_id,
        activity.cohort_start,
        activity.period_start,
        sum(activity.active_customers) as active_customers,
        sum(activity.orders) as orders,
        sum(activity.revenue) as revenue
    from scopes
    inner join activity
        on scopes.segment_id is null
            or scopes.segment_id = activity.segment_id
    group by
        scopes.scope_id,
        activity.cohort_start,
        activity.period_start

),

-- A cohort has a row in each period since, also when nobody of it came.
retention as (

    select

        ---------- keys
        scopes.scope,
        scopes.scope_id,
        scopes.segment_id,
        scopes.segment_name,
        first_periods.period as cohort,
        cohorts.cohort_start,

        ---------- when
        periods.period,
        periods.period_start,
        periods.is_complete,
        cast(periods.position - first_periods.position as integer) as periods_since,

        ---------- measures
        cast(cohorts.cohort_customers as bigint) as cohort_customers,
        cast(coalesce(measured.active_customers, 0) as bigint) as active_customers,
        cast(coalesce(measured.orders, 0) as bigint) as orders,
        cast(coalesce(measured.revenue, 0) as decimal(38, 4)) as revenue,
        cast(coalesce(measured.active_customers, 0) as double) / cohorts.cohort_customers as retention_rate

    from cohorts
    inner join scopes
        on cohorts.scope_id = scopes.scope_id
    inner join periods as first_periods
        on cohorts.cohort_start = first_periods.period_start
    inner join periods
        on cohorts.cohort_start <= periods.period_start
    left join measured
        on cohorts.scope_id = measured.scope_id
            and cohorts.cohort_start = measured.cohort_start
            and periods.period_start = measured.period_start

)

select * from retention
