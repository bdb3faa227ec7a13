with

wanted as (

    select {{ unnested([('segment_ids', 'segment_id')]) }}
    from {{ ref('current_model') }}

),

found as (

    select distinct modelled_segment_id as segment_id
    from {{ ref('segments') }}

)

select
    wanted.segment_id as wanted_segment_id,
    found.segment_id as found_segment_id
from wanted
full outer join found
    on wanted.segment_id = found.segment_id
where wanted.segment_id is null
    -- nobody need be unassigned
    or (found.segment_id is null and wanted.segment_id != 0)
