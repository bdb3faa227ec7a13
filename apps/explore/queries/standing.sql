-- Who stands in which segment at a build: the newest as it was published, an earlier one by its run_at.
create temp macro standing(moment) as table

select
    customer_id,
    segment_id,
    coalesce(segment_name, 'Segment ' || segment_id) as segment_name,
    monetary,
    recency_days,
    frequency
from segments
where moment is null

union all by name

select
    customer_id,
    segment_id,
    coalesce(segment_name, 'Segment ' || segment_id) as segment_name,
    monetary
from segments_snapshot
where
    dbt_valid_from <= moment
    and coalesce(moment < dbt_valid_to, true)
