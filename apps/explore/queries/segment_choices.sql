select
    segment_id,
    max(segment_name) as segment_name
from standing(cast($moment as timestamp))
group by segment_id
order by segment_id
