{{ config(materialized='table') }}

with

names as (

    select * from {{ ref('segment_names') }}

),

entries as (

    select
        model_version,
        previous_version,
        {{ unnested([('lineage', 'entry')]) }}
    from {{ ref('segment_model') }}

),

events as (

    select
        model_version,
        previous_version,
        {{ field('entry', 'segment_id') }} as segment_id,
        {{ field('entry', 'previous_segment_id') }} as previous_segment_id,
        {{ field('entry', 'event') }} as event,
        {{ field('entry', 'distance') }} as distance,
        {{ field('entry', 'customer_share') }} as customer_share
    from entries

),

lineage as (

    select

        ---------- keys
        events.model_version,
        events.previous_version,
        events.segment_id,
        names.segment_name,
        events.previous_segment_id,
        previous_names.segment_name as previous_segment_name,

        ---------- what happened
        events.event,
        events.distance,
        events.customer_share,

        ---------- key as one text
        -- with the event: what split off a segment that itself was merged into it is two entries
        cast(events.model_version as string) || ': ' || events.event || ' '
        || coalesce(cast(events.previous_segment_id as string), 'none') || ' > '
        || coalesce(cast(events.segment_id as string), 'none') as entry_id

    from events
    left join names
        on events.segment_id = names.segment_id
    left join names as previous_names
        on events.previous_segment_id = previous_names.segment_id

)

select * from lineage
