with

versions as (

    select
        model_version,
        previous_version,
        prototype_segment_id
    from {{ ref('segment_model') }}

),

wanted as (

    select distinct
        model_version,
        'segment' as side,
        {{ unnested([('prototype_segment_id', 'segment_id')]) }}
    from versions

    union all

    select distinct
        versions.model_version,
        'previous segment' as side,
        {{ unnested([('previous.prototype_segment_id', 'segment_id')]) }}
    from versions
    inner join versions as previous
        on versions.previous_version = previous.model_version

),

lineage as (

    select * from {{ ref('segment_lineage') }}

),

-- Each new id has one entry of its own, besides those that merged into it.
found as (

    select
        model_version,
        'segment' as side,
        segment_id,
        count(*) as entries
    from lineage
    where event not in ('merged', 'retired')
    group by
        model_version,
        segment_id

    union all

    -- Each earlier id goes on or ends once, besides the parts that split off it.
    select
        model_version,
        'previous segment' as side,
        previous_segment_id as segment_id,
        count(*) as entries
    from lineage
    where event in ('kept', 'merged', 'retired')
    group by
        model_version,
        previous_segment_id

),

offending as (

    select
        coalesce(wanted.model_version, found.model_version) as model_version,
        coalesce(wanted.side, found.side) as side,
        coalesce(wanted.segment_id, found.segment_id) as segment_id,
        coalesce(found.entries, 0) as entries
    from wanted
    full outer join found
        on wanted.model_version = found.model_version
            and wanted.side = found.side
            and wanted.segment_id = found.segment_id
    where wanted.segment_id is null
        or coalesce(found.entries, 0) != 1

)

select * from offending
