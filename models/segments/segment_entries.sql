with

memberships as (

    select * from {{ ref('segment_memberships') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

-- The builds before this run, and who was where: segments_snapshot itself waits for segments.
stays as (

    {{ recorded_stays() }}

),

builds as (

    {{ recorded_builds() }}

),

observed as (

    select max(as_of) as as_of
    from rfm

),

---------- which builds count, in the order of what they looked at

-- A build repeated for the same end of observation replaces the one before. Later ones are the future of
-- a back-test, which must come out as it did when it was the present.
counted as (

    select
        builds.run_at,
        builds.as_of
    from builds
    inner join observed
        on builds.as_of < observed.as_of
    qualify row_number() over (partition by builds.as_of order by builds.run_at desc) = 1

),

turns as (

    select
        run_at,
        as_of,
        row_number() over (order by as_of) as turn
    from counted

),

last_turn as (

    select coalesce(max(turn), 0) as turn
    from turns

),

---------- from stays in time to unbroken rows of builds

intervals as (

    select distinct
        valid_from,
        valid_to
    from stays

),

covered as (

    select
        intervals.valid_from,
        intervals.valid_to,
        turns.turn,
        turns.turn - row_number() over (
            partition by intervals.valid_from, intervals.valid_to order by turns.turn
        ) as island
    from intervals
    inner join turns
        on intervals.valid_from <= turns.run_at
            and intervals.valid_to > turns.run_at

),

periods as (

    select
        valid_from,
        valid_to,
        min(turn) as first_turn,
        max(turn) as last_turn
    from covered
    group by
        valid_from,
        valid_to,
        island

),

found as (

    select
        stays.customer_id,
        stays.segment_id,
        periods.first_turn,
        periods.last_turn,
        case
            when
                lag(stays.segment_id) over of_customer = stays.segment_id
                and lag(periods.last_turn) over of_customer = periods.first_turn - 1
                then 0
            else 1
        end as is_start
    from stays
    inner join periods
        on stays.valid_from = periods.valid_from
            and stays.valid_to = periods.valid_to
    window of_customer as (partition by stays.customer_id order by periods.first_turn)

),

numbered as (

    select
        *,
        sum(is_start) over (partition by customer_id order by first_turn) as spell
    from found

),

-- The newest spell of each customer has the place 1.
spells as (

    select
        customer_id,
        segment_id,
        min(first_turn) as first_turn,
        max(last_turn) as last_turn,
        row_number() over (partition by customer_id order by max(last_turn) desc) as place
    from numbered
    group by
        customer_id,
        segment_id,
        spell

),

---------- and to the customers of today

placed as (

    select
        memberships.*,
        observed.as_of,
        newest.first_turn,
        newest.segment_id = memberships.segment_id and newest.last_turn = last_turn.turn as has_stayed
    from memberships
    cross join observed
    cross join last_turn
    left join spells as newest
        on memberships.customer_id = newest.customer_id
            and newest.place = 1

),

entries as (

    select

        ---------- keys
        placed.customer_id,
        placed.model_version,

        ---------- segment
        placed.segment_id,
        placed.runner_up_segment_id,
        placed.modelled_segment_id,
        placed.is_overridden,
        placed.override_reason,
        placed.override_expires_on,

        ---------- how clear the case is
        placed.distance,
        placed.membership,
        placed.silhouette_squared_euclidean,

        ---------- where from
        previous.segment_id as previous_segment_id,

        ---------- since when
        case when placed.has_stayed then entered.as_of else placed.as_of end as entered_segment_at,
        -- after the last build there is only this one
        case
            when previous.segment_id is not null then coalesce(without_him.as_of, placed.as_of)
        end as left_previous_segment_at

    from placed
    left join turns as entered
        on placed.first_turn = entered.turn
    left join spells as previous
        on placed.customer_id = previous.customer_id
            and previous.place = case when placed.has_stayed then 2 else 1 end
    left join turns as without_him
        on previous.last_turn + 1 = without_him.turn

)

select * from entries
