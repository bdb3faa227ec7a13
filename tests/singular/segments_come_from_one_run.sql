with

runs as (

    select
        as_of,
        model_version
    from {{ ref('segments') }}
    group by
        as_of,
        model_version

)

select * from runs
-- the second and every further one is one too many
qualify row_number() over (order by as_of, model_version) > 1
