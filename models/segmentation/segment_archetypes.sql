{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

traits as (

    select * from {{ ref('segment_traits') }}

),

rfm_map as (

    select * from {{ ref('rfm_map') }}

),

archetypes as (

    select * from {{ ref('rfm_archetypes') }}

),

scores as (

    select
        assignments.segment_id,
        count(*) as customers,
        avg(rfm.recency_score) as recency_score,
        avg(rfm.frequency_score) as frequency_score,
        avg(rfm.monetary_score) as monetary_score
    from assignments
    inner join rfm
        on assignments.customer_id = rfm.customer_id
    group by assignments.segment_id

),

-- A word that says the opposite of what the numbers say is not in question, however near its scores.
contradicted as (

    select distinct
        traits.segment_id,
        archetypes.rfm_segment
    from archetypes
    inner join traits
        on archetypes.feature = traits.feature
            and traits.level_name is null
    where {{ contradicts('archetypes.expectation', 'traits.mean', 'traits.mean_of_all') }}

),

measured as (

    select
        scores.segment_id,
        rfm_map.rfm_code,
        rfm_map.rfm_segment,
        {{ rounded(
            'pow(scores.recency_score - rfm_map.recency_score, 2)'
            ' + pow(scores.frequency_score - rfm_map.frequency_score, 2)'
            ' + pow(scores.monetary_score - rfm_map.monetary_score, 2)',
            9
        ) }} as squared_distance
    from scores
    cross join rfm_map
    left join contradicted
        on scores.segment_id = contradicted.segment_id
            and rfm_map.rfm_segment = contradicted.rfm_segment
    where contradicted.rfm_segment is null
        -- segment 0 holds those that belong nowhere
        and scores.segment_id > 0

),

-- Of two codes equally near, the better one.
nearest as (

    select
        segment_id,
        rfm_segment,
        squared_distance
    from measured
    qualify row_number() over (partition by segment_id order by squared_distance asc, rfm_code desc) = 1

),

segment_archetypes as (

    select

        ---------- keys
        scores.segment_id,

        ---------- archetype
        nearest.rfm_segment,

        ---------- what it rests on
        scores.customers,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,

        ---------- how near it is
        sqrt(nearest.squared_distance) as distance

    from scores
    left join nearest
        on scores.segment_id = nearest.segment_id

)

select * from segment_archetypes
