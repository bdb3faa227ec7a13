{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='segment_id', full_refresh=false,
    on_schema_change='append_new_columns'
) }}

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

prototypes as (

    select
        fitted_at,
        unnest(prototype_segment_id) as segment_id
    from {{ ref('segment_model') }}

),

-- An id is never used twice, but a registry that was dropped begins again with 1: an id and the fit
-- that it was born in tell the two apart.
births as (

    select
        segment_id,
        min(fitted_at) as born_at
    from prototypes
    group by segment_id

),

register as (

    {% if is_incremental() -%}
        select
            registered.segment_id,
            registered.rfm_segment,
            registered.occurrence
        from {{ this }} as registered
        inner join births
            on registered.segment_id = births.segment_id
                and registered.born_at = births.born_at
    {%- else -%}
        select
            cast(null as integer) as segment_id,
            cast(null as varchar) as rfm_segment,
            cast(null as integer) as occurrence
        where false
    {%- endif %}

),

-- Once named, a segment keeps its name, however its customers change.
scores as (

    select
        assignments.segment_id,
        avg(rfm.recency_score) as recency_score,
        avg(rfm.frequency_score) as frequency_score,
        avg(rfm.monetary_score) as monetary_score
    from assignments
    inner join rfm
        on assignments.customer_id = rfm.customer_id
    left join register
        on assignments.segment_id = register.segment_id
    where register.segment_id is null
    group by assignments.segment_id

),

-- The name of the RFM code nearest to the segment's mean scores.
named as (

    select
        scores.segment_id,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        rfm_map.rfm_segment,
        row_number() over (partition by rfm_map.rfm_segment order by scores.segment_id) as turn
    from scores
    left join rfm_map
        on rfm_map.recency_score = cast(floor(scores.recency_score + 0.5) as integer)
            and rfm_map.frequency_score = cast(floor(scores.frequency_score + 0.5) as integer)
            and rfm_map.monetary_score = cast(floor(scores.monetary_score + 0.5) as integer)
            -- segment 0 holds those that belong nowhere
            and scores.segment_id > 0

),

taken as (

    select
        rfm_segment,
        list(occurrence) as occurrences
    from register
    group by rfm_segment

),

-- Two segments may lie nearest to one name: each gets the smallest number that no other has.
numbered as (

    select
        named.*,
        case
            when named.rfm_segment is not null
                then list_filter(
                        range(1, named.turn + coalesce(len(taken.occurrences), 0) + 1),
                        lambda p: not list_contains(coalesce(taken.occurrences, []), p)
                    )[named.turn]
        end as occurrence
    from named
    left join taken
        on named.rfm_segment = taken.rfm_segment

),

names as (

    select

        ---------- keys
        numbered.segment_id,
        births.born_at,

        ---------- what the names rest on
        numbered.recency_score,
        numbered.frequency_score,
        numbered.monetary_score,

        ---------- names
        numbered.rfm_segment,
        cast(numbered.occurrence as integer) as occurrence,
        case
            when numbered.segment_id = 0 then 'Unassigned'
            when numbered.occurrence = 1 then numbered.rfm_segment
            else numbered.rfm_segment || ' ' || cast(numbered.occurrence as varchar)
        end as segment_name

    from numbered
    inner join births
        on numbered.segment_id = births.segment_id

)

select * from names
