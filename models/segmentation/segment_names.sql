{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

rfm_map as (

    select * from {{ ref('rfm_map') }}

),

scores as (

    select
        assignments.segment_id,
        avg(rfm.recency_score) as recency_score,
        avg(rfm.frequency_score) as frequency_score,
        avg(rfm.monetary_score) as monetary_score
    from assignments
    inner join rfm
        on assignments.customer_id = rfm.customer_id
    group by assignments.segment_id

),

-- The name of the RFM code nearest to the segment's mean scores.
named as (

    select
        scores.segment_id,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        rfm_map.rfm_segment
    from scores
    left join rfm_map
        on rfm_map.recency_score = cast(floor(scores.recency_score + 0.5) as integer)
            and rfm_map.frequency_score = cast(floor(scores.frequency_score + 0.5) as integer)
            and rfm_map.monetary_score = cast(floor(scores.monetary_score + 0.5) as integer)

),

-- Two segments may lie nearest to one name: the second and later carry a number.
numbered as (

    select
        *,
        row_number() over (partition by rfm_segment order by segment_id) as occurrence
    from named

),

names as (

    select

        ---------- keys
        segment_id,

        ---------- what the names rest on
        recency_score,
        frequency_score,
        monetary_score,

        ---------- names
        rfm_segment,
        case
            when occurrence = 1 then rfm_segment
            else rfm_segment || ' ' || cast(occurrence as varchar)
        end as segment_name

    from numbered

)

select * from names
