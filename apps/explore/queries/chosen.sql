-- The customers that the filters leave: what every number on the page and the download are made of.
create temp table chosen as

select
    standing.*,
    attributes.* exclude (customer_id, levels)
from standing(cast($moment as timestamp)) as standing
left join attributes
    on standing.customer_id = attributes.customer_id
where
    (len($segments) = 0 or list_contains(cast($segments as integer[]), standing.segment_id))
    and matches(attributes.levels, $filters)
