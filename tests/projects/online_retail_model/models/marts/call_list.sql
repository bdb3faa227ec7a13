select
    segments.customer_id,
    segments.segment_id,
    segments.segment_name,
    segments.monetary,
    profiles.action
from {{ ref('customer_segmentation', 'segments') }} as segments
inner join {{ ref('customer_segmentation', 'segment_profiles') }} as profiles
    on segments.segment_id = profiles.segment_id
