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

overrides as (

    select * from {{ ref('segment_overrides') }}
    where decision = 'applied'

),

segments as (

    select

        ---------- keys
        rfm.customer_id,

        ---------- segment
        names.segment_name,
        assignments.distance,
        cast(assignments.runner_up_segment_id as integer) as runner_up_segment_id,
        assignments.membership,
        silhouettes.silhouette_squared_euclidean,
        cast(assignments.segment_id as integer) as modelled_segment_id,
        overrides.reason as override_reason,
        overrides.expires_on as override_expires_on,

        ---------- marketing RFM
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.rfm_segment,

        ---------- lineage
        assignments.model_version,
        rfm.as_of,

        ---------- where he is put, by the model or by hand
        cast(coalesce(overrides.segment_id, assignments.segment_id) as integer) as segment_id,
        overrides.customer_id is not null as is_overridden

    from rfm
    inner join assignments
        on rfm.customer_id = assignments.customer_id
    inner join silhouettes
        on rfm.customer_id = silhouettes.customer_id
    left join overrides
        on rfm.customer_id = overrides.customer_id
    inner join names
        on coalesce(overrides.segment_id, assignments.segment_id) = names.segment_id

)

select * from segments
