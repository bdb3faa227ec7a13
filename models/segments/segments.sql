{{ config(materialized='table') }}

with

-- Each view on the way from segment_assignments to here hands on what the one before says of a customer, so that
-- all of it meets his measures in one join.
entries as (

    select * from {{ ref('segment_entries') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

-- The ranks need little of both. Taken from the CTEs above they would have to wait for all of it.
members as (

    select
        customer_id,
        segment_id
    from {{ ref('segment_memberships') }}

),

spenders as (

    select
        customer_id,
        monetary
    from {{ ref('customer_rfm') }}

),

ranks as (

    select
        members.segment_id,
        row_number() over (
            -- the unassigned are no segment, so they come last; ties go by id
            order by members.segment_id = 0 asc, sum(spenders.monetary) desc, members.segment_id asc
        ) as segment_rank
    from members
    inner join spenders
        on members.customer_id = spenders.customer_id
    group by members.segment_id

),

segments as (

    select

        ---------- keys
        rfm.customer_id,

        ---------- segment
        entries.segment_id,
        cast(ranks.segment_rank as integer) as segment_rank,
        names.segment_name,
        entries.distance,
        entries.runner_up_segment_id,
        entries.membership,
        entries.silhouette_squared_euclidean,
        entries.modelled_segment_id,
        entries.is_overridden,
        entries.override_reason,
        entries.override_expires_on,

        ---------- marketing RFM
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.rfm_segment,

        ---------- movement
        entries.entered_segment_at,
        entries.previous_segment_id,
        entries.left_previous_segment_at,

        ---------- lineage
        entries.model_version,
        rfm.as_of

    from rfm
    inner join entries
        on rfm.customer_id = entries.customer_id
    inner join ranks
        on entries.segment_id = ranks.segment_id
    inner join names
        on entries.segment_id = names.segment_id

)

select * from segments
