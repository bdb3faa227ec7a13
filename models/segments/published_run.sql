with

segments as (

    select * from {{ ref('segments') }}

),

runs as (

    select * from {{ ref('segmentation_runs') }}

),

published as (

    select
        max(model_version) as model_version,
        max(as_of) as as_of
    from segments

),

-- A run that failed before it came to segments has left a row, but not these segments.
published_run as (

    select
        runs.run_id,
        runs.run_at,
        runs.as_of,
        runs.model_version
    from runs
    inner join published
        on runs.as_of = published.as_of
            and runs.model_version = published.model_version
    order by
        runs.run_at desc,
        runs.run_id asc
    limit 1

)

select * from published_run
