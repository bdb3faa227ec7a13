-- The builds that can be shown, newest first: the published one, whose moment is null, and all before it that
-- the snapshot still holds.
with

published as (

    select
        coalesce(
            (select max(run_at) from publication),
            (select max(run_at) from segment_builds)
        ) as run_at

),

newest as (

    select
        cast(null as timestamp) as moment,
        max(as_of) as as_of,
        max(model_version) as model_version,
        count(*) as customers
    from segments

),

earlier as (

    select
        segment_builds.run_at as moment,
        segment_builds.as_of,
        segment_builds.model_version,
        segment_builds.customers
    from segment_builds
    inner join published
        on segment_builds.run_at < published.run_at
    where
        exists (
            select 1
            from segments_snapshot
            where
                segments_snapshot.dbt_valid_from <= segment_builds.run_at
                and coalesce(segment_builds.run_at < segments_snapshot.dbt_valid_to, true)
        )

)

select * from newest
union all by name
select * from earlier
order by moment desc nulls first
