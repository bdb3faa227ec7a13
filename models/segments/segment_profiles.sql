{%- set action_columns = ['rfm_segment', 'goal', 'message', 'action', 'channel', 'offer', 'metric'] -%}

{{ config(
    materialized='table',
    pre_hook="{{ check_columns('actions', " ~ action_columns ~ ", key='rfm_segment') }}"
) }}

with

segments as (

    select * from {{ ref('segments') }}

),

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

actions as (

    select * from {{ setting('actions') }}

),

totals as (

    select
        count(*) as customers,
        sum(monetary) as revenue
    from segments

),

measured as (

    select
        segments.segment_id,
        max(segments.segment_rank) as segment_rank,
        count(*) as customers,
        sum(segments.monetary) as revenue,
        avg(segments.recency_days) as mean_recency_days,
        median(segments.recency_days) as median_recency_days,
        avg(segments.frequency) as mean_frequency,
        median(segments.frequency) as median_frequency,
        {{ exact_mean('segments.monetary') }} as mean_monetary,
        median(cast(segments.monetary as double)) as median_monetary,
        {{ exact_mean('snapshot.average_order_value') }} as mean_average_order_value,
        avg(snapshot.tenure_days) as mean_tenure_days,
        {{ exact_mean('snapshot.return_rate') }} as mean_return_rate,
        {{ exact_mean('segments.membership') }} as mean_membership,
        max(segments.model_version) as model_version,
        max(segments.as_of) as as_of
    from segments
    inner join snapshot
        on segments.customer_id = snapshot.customer_id
    group by segments.segment_id

),

profiles as (

    select

        ---------- keys
        measured.segment_id,
        measured.segment_rank,
        names.segment_name,

        ---------- size
        measured.customers,
        measured.revenue,

        ---------- marketing RFM
        measured.mean_recency_days,
        measured.median_recency_days,
        measured.mean_frequency,
        measured.median_frequency,
        measured.mean_monetary,
        measured.median_monetary,

        ---------- what they are like
        measured.mean_average_order_value,
        measured.mean_tenure_days,
        measured.mean_return_rate,
        measured.mean_membership,

        ---------- what to do
        names.rfm_segment,
        names.distinguished_by,
        cast(actions.goal as string) as goal,
        cast(actions.message as string) as message,
        cast(actions.action as string) as action,
        names.advice,
        cast(actions.channel as string) as channel,
        cast(actions.offer as string) as offer,
        cast(actions.metric as string) as metric,

        ---------- lineage
        measured.model_version,
        measured.as_of,

        ---------- shares of all
        cast(measured.customers as double) / totals.customers as customer_share,
        cast(measured.revenue as double) / nullif(cast(totals.revenue as double), 0) as revenue_share

    from measured
    cross join totals
    inner join names
        on measured.segment_id = names.segment_id
    left join actions
        on names.rfm_segment = cast(actions.rfm_segment as string)

)

select * from profiles
