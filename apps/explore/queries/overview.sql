with

measured as (

    select
        segment_id,
        max(segment_name) as segment_name,
        count(*) as customers,
        sum(monetary) as revenue,
        median(recency_days) as median_recency_days,
        median(frequency) as median_frequency
    from chosen
    group by segment_id

)

select
    measured.segment_id,
    measured.segment_name,
    measured.customers,
    cast(measured.customers as double) / sum(measured.customers) over () as customer_share,
    measured.revenue,
    cast(measured.revenue as double)
    / nullif(cast(sum(measured.revenue) over () as double), 0) as revenue_share,
    cast(measured.revenue as double) / measured.customers as revenue_per_customer,
    measured.median_recency_days,
    measured.median_frequency,
    segment_profiles.action
from measured
left join segment_profiles
    on measured.segment_id = segment_profiles.segment_id
order by revenue desc, measured.segment_id
