{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

-- Segment 0 has no centre: typical of it is who is farthest from every other.
by_distance as (

    select
        *,
        row_number() over (
            partition by segment_id
            order by case when segment_id = 0 then -distance else distance end, customer_id
        ) as position
    from assignments

),

-- Nobody is both: in a small segment the typical ones come first.
by_membership as (

    select
        *,
        row_number() over (partition by segment_id order by membership, customer_id) as border_position
    from by_distance
    where position > {{ setting('exemplars') }}
        and runner_up_segment_id is not null

),

chosen as (

    select
        segment_id,
        'typical' as kind,
        position,
        customer_id,
        distance,
        membership,
        runner_up_segment_id,
        model_version
    from by_distance
    where position <= {{ setting('exemplars') }}
    union all
    select
        segment_id,
        'borderline' as kind,
        border_position as position,
        customer_id,
        distance,
        membership,
        runner_up_segment_id,
        model_version
    from by_membership
    where border_position <= {{ setting('exemplars') }}

),

exemplars as (

    select

        ---------- keys
        cast(chosen.segment_id as integer) as segment_id,
        chosen.kind,
        cast(chosen.position as integer) as position,

        ---------- who
        names.segment_name,
        chosen.customer_id,

        ---------- how clear the case is
        chosen.distance,
        chosen.membership,
        cast(chosen.runner_up_segment_id as integer) as runner_up_segment_id,
        runner_up_names.segment_name as runner_up_segment_name,

        ---------- marketing RFM
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary,
        rfm.rfm_segment,

        ---------- lineage
        chosen.model_version,
        rfm.as_of

    from chosen
    inner join rfm
        on chosen.customer_id = rfm.customer_id
    inner join names
        on chosen.segment_id = names.segment_id
    left join names as runner_up_names
        on chosen.runner_up_segment_id = runner_up_names.segment_id

)

select * from exemplars
