-- Who went from where to where between two builds. Spend is that of the later build; of those who are gone the
-- last known.
with

pairs as (

    select
        before.segment_id as from_segment_id,
        later.segment_id as to_segment_id,
        before.segment_name as from_segment_name,
        later.segment_name as to_segment_name,
        coalesce(before.customer_id, later.customer_id) as customer_id,
        coalesce(later.monetary, before.monetary) as monetary,
        case
            when before.customer_id is null then 'new'
            when later.customer_id is null then 'gone'
            when before.segment_id = later.segment_id then 'stayed'
            else 'moved'
        end as movement
    from standing(cast($from_moment as timestamp)) as before
    full outer join standing(cast($to_moment as timestamp)) as later
        on before.customer_id = later.customer_id

),

counted as (

    select
        pairs.movement,
        pairs.from_segment_id,
        coalesce(max(pairs.from_segment_name), '(new)') as from_segment_name,
        pairs.to_segment_id,
        coalesce(max(pairs.to_segment_name), '(gone)') as to_segment_name,
        count(*) as customers,
        sum(pairs.monetary) as revenue
    from pairs
    left join attributes
        on pairs.customer_id = attributes.customer_id
    where matches(attributes.levels, $filters)
    group by
        pairs.movement,
        pairs.from_segment_id,
        pairs.to_segment_id

),

-- the share is of all who were in the segment, wherever they went
shared as (

    select
        *,
        case
            when movement != 'new'
                then cast(customers as double) / sum(customers) over (partition by from_segment_id)
        end as from_share
    from counted

)

select *
from shared
where
    len($segments) = 0
    or list_contains(cast($segments as integer[]), from_segment_id)
    or list_contains(cast($segments as integer[]), to_segment_id)
order by
    movement = 'stayed',
    customers desc,
    from_segment_id,
    to_segment_id
