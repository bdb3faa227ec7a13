{{ config(materialized=costly_view()) }}

with

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

cut_points as (

    select * from {{ ref('rfm_cut_points') }}

),

rfm_map as (

    select * from {{ ref('rfm_map') }}

),

scored as (

    select
        snapshot.*,
        -- the fewer days since the last order, the better
        6 - {{ score('cast(snapshot.recency_days as double)', 'recency_edges') }} as recency_score,
        {{ score('cast(snapshot.frequency as double)', 'frequency_edges') }} as frequency_score,
        {{ score('cast(snapshot.monetary as double)', 'monetary_edges') }} as monetary_score
    from snapshot
    inner join cut_points as recency_edges
        on recency_edges.measure = 'recency_days'
    inner join cut_points as frequency_edges
        on frequency_edges.measure = 'frequency'
    inner join cut_points as monetary_edges
        on monetary_edges.measure = 'monetary'

),

rfm as (

    select

        ---------- keys
        scored.customer_id,

        ---------- marketing RFM
        scored.recency_days,
        scored.frequency,
        scored.monetary,

        ---------- scores
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        rfm_map.rfm_segment,

        ---------- BTYD
        scored.repeat_order_days,
        scored.t_x_days,
        scored.age_days,
        scored.mean_repeat_spend,

        ---------- when
        scored.first_order_at,
        scored.last_order_at,
        scored.as_of

    from scored
    left join rfm_map
        on scored.recency_score = rfm_map.recency_score
            and scored.frequency_score = rfm_map.frequency_score
            and scored.monetary_score = rfm_map.monetary_score

)

select * from rfm
