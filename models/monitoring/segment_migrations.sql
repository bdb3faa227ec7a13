{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='to_as_of', full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with

segments as (

    select * from {{ ref('segments') }}

),

builds as (

    select * from {{ ref('segment_builds') }}

),

published as (

    select * from {{ ref('published_run') }}

),

-- what the snapshot does not hold is no build
run as (

    select builds.*
    from builds
    inner join published
        on builds.run_id = published.run_id

),

stays as (

    {{ recorded_stays() }}

),

-- The newest build of each end of observation up to this one; of the same one the build that this replaces.
earlier as (

    select
        builds.run_at,
        builds.as_of,
        builds.model_version
    from builds
    inner join run
        on builds.run_at < run.run_at
            and builds.as_of <= run.as_of
            and {{ is_still_whole('builds.run_at', 'run.run_at') }}
    qualify row_number() over (partition by builds.as_of order by builds.run_at desc) = 1

),

compared_builds as (

    select
        run_at,
        as_of,
        model_version
    from earlier
    order by as_of desc
    limit {{ setting('migration_builds') }}

),

---------- who was where, and who is

before as (

    select
        compared_builds.as_of,
        stays.customer_id,
        stays.segment_id,
        stays.segment_name
    from stays
    inner join compared_builds
        on stays.valid_from <= compared_builds.run_at
            and stays.valid_to > compared_builds.run_at

),

now as (

    select
        compared_builds.as_of,
        segments.customer_id,
        segments.segment_id,
        segments.segment_name,
        segments.monetary
    from segments
    cross join compared_builds

),

-- What those had spent who are not there any more.
last_known as (

    select
        stays.customer_id,
        stays.monetary
    from stays
    inner join run
        on stays.valid_from < run.run_at
    qualify row_number() over (partition by stays.customer_id order by stays.valid_from desc) = 1

),

pairs as (

    select
        before.segment_id as from_segment_id,
        before.segment_name as from_segment_name,
        now.segment_id as to_segment_id,
        now.segment_name as to_segment_name,
        coalesce(before.as_of, now.as_of) as from_as_of,
        case
            when before.customer_id is null then 'new'
            when now.customer_id is null then 'gone'
            when before.segment_id = now.segment_id then 'stayed'
            else 'moved'
        end as movement,
        coalesce(now.monetary, last_known.monetary) as monetary
    from before
    full outer join now
        on before.as_of = now.as_of
            and before.customer_id = now.customer_id
    left join last_known
        on before.customer_id = last_known.customer_id

),

---------- counted

counted as (

    select
        from_as_of,
        from_segment_id,
        from_segment_name,
        to_segment_id,
        to_segment_name,
        movement,
        count(*) as customers,
        sum(monetary) as revenue
    from pairs
    group by
        from_as_of,
        from_segment_id,
        from_segment_name,
        to_segment_id,
        to_segment_name,
        movement

),

ranked as (

    select
        *,
        cast(customers as double) / sum(customers) over (partition by from_as_of, from_segment_id) as share_of_from,
        row_number() over (
            partition by from_as_of, movement
            order by customers desc, from_segment_id asc, to_segment_id asc
        ) as place
    from counted

),

migrations as (

    select

        ---------- between which builds
        ranked.from_as_of,
        run.as_of as to_as_of,
        compared_builds.run_at as from_run_at,
        run.run_at as to_run_at,
        compared_builds.model_version as from_model_version,
        run.model_version as to_model_version,

        ---------- from where to where
        ranked.from_segment_id,
        ranked.to_segment_id,
        ranked.movement,
        ranked.customers,
        cast(ranked.revenue as decimal(38, 4)) as revenue,

        ---------- in words
        coalesce(ranked.from_segment_name, '(new)') as from_segment_name,
        coalesce(ranked.to_segment_name, '(gone)') as to_segment_name,

        ---------- how many
        case when ranked.movement != 'new' then ranked.share_of_from end as from_share,
        case when ranked.movement = 'moved' then cast(ranked.place as integer) end as move_rank,

        ---------- key as one text
        cast(ranked.from_as_of as string) || ' > ' || cast(run.as_of as string) || ': '
        || coalesce(cast(ranked.from_segment_id as string), 'new') || ' > '
        || coalesce(cast(ranked.to_segment_id as string), 'gone') as migration_id

    from ranked
    inner join compared_builds
        on ranked.from_as_of = compared_builds.as_of
    cross join run

)

select * from migrations
