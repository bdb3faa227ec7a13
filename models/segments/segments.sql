{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

silhouettes as (

    select * from {{ ref('customer_silhouettes') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

memberships as (

    select * from {{ ref('segment_memberships') }}

),

entries as (

    select * from {{ ref('segment_entries') }}

),

ranks as (

    select
        memberships.segment_id,
        row_number() over (
            -- the unassigned are no segment, so they come last; ties go by id
            order by memberships.segment_id = 0 asc, sum(rfm.monetary) desc, memberships.segment_id asc
        ) as segment_rank
    from memberships
    inner join rfm
        on memberships.customer_id = rfm.customer_id
    group by memberships.segment_id

),

segments as (

    select

        ---------- keys
        rfm.customer_id,

        ---------- segment
        memberships.segment_id,
        cast(ranks.segment_rank as integer) as segment_rank,
        names.segment_name,
        assignments.distance,
        cast(assignments.runner_up_segment_id as integer) as runner_up_segment_id,
        assignments.membership,
        silhouettes.silhouette_squared_euclidean,
        memberships.modelled_segment_id,
        memberships.is_overridden,
        memberships.override_reason,
        memberships.override_expires_on,

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
        assignments.model_version,
        rfm.as_of

    from rfm
    inner join assignments
        on rfm.customer_id = assignments.customer_id
    inner join silhouettes
        on rfm.customer_id = silhouettes.customer_id
    inner join memberships
        on rfm.customer_id = memberships.customer_id
    inner join entries
        on rfm.customer_id = entries.customer_id
    inner join ranks
        on memberships.segment_id = ranks.segment_id
    inner join names
        on memberships.segment_id = names.segment_id

)

select * from segments
