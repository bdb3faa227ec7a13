-- The levels to filter by. An attribute with more than a list can hold is no filter.
with

entries as (

    select unnest(map_entries(levels)) as entry
    from attributes

),

counted as (

    select
        entry.key as attribute,
        entry.value as level,
        count(*) as customers
    from entries
    group by all

)

select
    attribute,
    level
from counted
qualify count(*) over (partition by attribute) <= $most_levels
order by attribute, customers desc, level
