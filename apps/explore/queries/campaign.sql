-- The list for a campaign: the same customers as the table on the page, with what to do about their segment.
select
    chosen.customer_id,
    chosen.segment_id,
    chosen.segment_name,
    segment_profiles.action,
    segment_profiles.offer,
    segment_profiles.message,
    segment_profiles.channel,
    chosen.* exclude (customer_id, segment_id, segment_name),
    cast($as_of as timestamp) as as_of
from chosen
left join segment_profiles
    on chosen.segment_id = segment_profiles.segment_id
where contains(lower(chosen.customer_id), lower($search))
order by chosen.customer_id
