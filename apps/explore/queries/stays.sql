-- Where one customer has been: the segments, and the builds that first and last found him there.
select
    segments_snapshot.segment_name,
    segments_snapshot.as_of as since,
    builds.as_of as left_at,
    segments_snapshot.monetary
from segments_snapshot
left join segment_builds as builds
    on segments_snapshot.dbt_valid_to = builds.run_at
where segments_snapshot.customer_id = $customer_id
order by segments_snapshot.dbt_valid_from
