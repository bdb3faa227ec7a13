{{ config(materialized='table') }}

with

segments as (

    select * from {{ ref('segments') }}

),

activity as (

    select * from {{ ref('segment_activity') }}

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

lineage as (

    select
        max(model_version) as model_version,
        max(as_of) as as_of
    from segments

),

ranked as (

    select
        segment_id,
        monetary,
        -- ties go by id, so that the line is drawn at the same customer each time
        row_number() over (order by monetary desc, customer_id asc) as place,
        count(*) over () as customers
    from segments

),

top_customers as (

    select
        scopes.scope_id,
        count(*) as top_customers,
        sum(ranked.monetary) as top_customer_revenue
    from ranked
    inner join scopes
        on scopes.segment_id is null
            or ranked.segment_id = scopes.segment_id
    -- the first fifth, rounded up, in whole numbers
    where (ranked.place - 1) * 5 < ranked.customers
    group by scopes.scope_id

),

expected as (

    select
        scopes.scope_id,
        sum(lifetimes.discounted_value_365_days) as discounted_value_365_days,
        count(lifetimes.discounted_value_365_days) as valued_customers
    from {{ ref('customer_lifetime_value') }} as lifetimes
    inner join segments
        on lifetimes.customer_id = segments.customer_id
    inner join scopes
        on scopes.segment_id is null
            or segments.segment_id = scopes.segment_id
    group by scopes.scope_id

),

-- A segment has a row in each period, also when nothing happened.
by_period as (

    select
        scopes.scope_id,
        periods.period,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        coalesce(sum(activity.active_customers), 0) as active_customers,
        coalesce(sum(activity.retained_customers), 0) as retained_customers,
        coalesce(sum(activity.new_customers), 0) as new_customers,
        coalesce(sum(activity.new_repeat_customers), 0) as new_repeat_customers,
        coalesce(sum(activity.lost_customers - activity.recovered_customers), 0) as newly_churned_customers,
        coalesce(sum(activity.orders), 0) as orders,
        coalesce(sum(activity.revenue), 0) as revenue,
        coalesce(sum(activity.purchased_amount), 0) as purchased_amount,
        coalesce(sum(activity.contacted), 0) as contacted,
        coalesce(sum(activity.responded), 0) as responded
    from scopes
    cross join periods
    left join activity
        on periods.period_start = activity.period_start
            and (scopes.segment_id is null or scopes.segment_id = activity.segment_id)
    group by
        scopes.scope_id,
        periods.period,
        periods.period_start,
        periods.period_end,
        periods.is_complete

),

running as (

    select
        *,
        sum(new_customers) over (partition by scope_id order by period_start) as customers,
        sum(new_repeat_customers) over (partition by scope_id order by period_start) as repeat_customers,
        sum(newly_churned_customers) over (partition by scope_id order by period_start) as churned_customers,
        lag(active_customers) over (partition by scope_id order by period_start) as previous_active_customers
    from by_period

),

-- With the contacts that lie in no period.
whole as (

    select
        scopes.scope_id,
        coalesce(sum(activity.new_customers), 0) as customers,
        coalesce(sum(activity.new_repeat_customers), 0) as repeat_customers,
        coalesce(sum(activity.lost_customers - activity.recovered_customers), 0) as churned_customers,
        coalesce(sum(activity.orders), 0) as orders,
        coalesce(sum(activity.revenue), 0) as revenue,
        coalesce(sum(activity.purchased_amount), 0) as purchased_amount,
        coalesce(sum(activity.contacted), 0) as contacted,
        coalesce(sum(activity.responded), 0) as responded
    from scopes
    left join activity
        on scopes.segment_id is null
            or scopes.segment_id = activity.segment_id
    group by scopes.scope_id

),

observation as (

    select
        min(period_start) as period_start,
        max(period_end) as period_end
    from periods

),

combined as (

    select
        scope_id,
        period,
        period_start,
        period_end,
        is_complete,
        customers,
        active_customers,
        new_customers,
        previous_active_customers,
        retained_customers,
        repeat_customers,
        churned_customers,
        orders,
        revenue,
        purchased_amount,
        contacted,
        responded
    from running

    union all

    select
        whole.scope_id,
        'all' as period,
        observation.period_start,
        observation.period_end,
        true as is_complete,
        whole.customers,
        whole.customers as active_customers,
        whole.customers as new_customers,
        null as previous_active_customers,
        null as retained_customers,
        whole.repeat_customers,
        whole.churned_customers,
        whole.orders,
        whole.revenue,
        whole.purchased_amount,
        whole.contacted,
        whole.responded
    from whole
    cross join observation
    -- without an order nothing was observed
    where observation.period_start is not null

),

kpis as (

    select

        ---------- keys
        scopes.scope,
        scopes.scope_id,
        scopes.segment_id,
        scopes.segment_name,
        combined.period,
        combined.period_start,
        combined.period_end,
        combined.is_complete,

        ---------- customers
        cast(combined.customers as bigint) as customers,
        cast(combined.active_customers as bigint) as active_customers,
        cast(combined.new_customers as bigint) as new_customers,

        ---------- orders
        cast(combined.orders as bigint) as orders,
        cast(combined.revenue as decimal(38, 4)) as revenue,

        ---------- loyalty
        cast(combined.previous_active_customers as bigint) as previous_active_customers,
        cast(case when combined.previous_active_customers is not null then combined.retained_customers end as bigint)
            as retained_customers,
        cast(combined.repeat_customers as bigint) as repeat_customers,
        cast(combined.churned_customers as bigint) as churned_customers,

        ---------- campaigns
        cast(combined.contacted as bigint) as contacted,
        cast(combined.responded as bigint) as responded,
        {{ wilson_bound('combined.responded', 'combined.contacted', 'lower') }} as conversion_rate_lower,
        {{ wilson_bound('combined.responded', 'combined.contacted', 'upper') }} as conversion_rate_upper,

        ---------- lineage
        lineage.model_version,
        lineage.as_of,

        ---------- rates
        cast(combined.revenue as double) / nullif(cast(overall.revenue as double), 0) as revenue_share,
        cast(combined.purchased_amount as double) / nullif(combined.orders, 0) as average_order_value,
        cast(combined.retained_customers as double) / nullif(combined.previous_active_customers, 0) as retention_rate,
        cast(combined.repeat_customers as double) / nullif(combined.customers, 0) as repeat_rate,
        cast(combined.churned_customers as double) / nullif(combined.customers, 0) as churn_rate,
        cast(combined.responded as double) / nullif(combined.contacted, 0) as conversion_rate,

        ---------- what is to come
        case when combined.period = 'all' then expected.discounted_value_365_days end as discounted_value_365_days,
        case
            when combined.period = 'all'
                then cast(expected.discounted_value_365_days as double) / nullif(expected.valued_customers, 0)
        end as mean_discounted_value_365_days,

        ---------- concentration
        case when combined.period = 'all' then coalesce(top_customers.top_customers, 0) end as top_customers,
        case when combined.period = 'all' then coalesce(top_customers.top_customer_revenue, 0) end
            as top_customer_revenue,
        case
            when combined.period = 'all'
                then cast(coalesce(top_customers.top_customer_revenue, 0) as double)
                    / nullif(cast(combined.revenue as double), 0)
        end as pareto_share

    from combined
    inner join scopes
        on combined.scope_id = scopes.scope_id
    inner join combined as overall
        on overall.scope_id = 'all'
            and combined.period = overall.period
    cross join lineage
    left join top_customers
        on combined.scope_id = top_customers.scope_id
    left join expected
        on combined.scope_id = expected.scope_id

)

select * from kpis
