with

registry as (

    select * from {{ ref('segment_model') }}

),

newest as (

    select max(model_version) as model_version
    from registry

),

current_model as (

    select
        registry.*,
        list_sort(list_distinct(registry.prototype_segment_id)) as segment_ids,
        list_min(flatten(registry.prototype_weight)) = 1
        and list_max(flatten(registry.prototype_weight)) = 1 as is_unweighted
    from registry
    inner join newest
        on registry.model_version = newest.model_version

)

-- the columns of another model are out of sight for sqlfluff
select * from current_model  -- noqa: AM04
