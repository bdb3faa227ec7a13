with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

moments as (

    select * from {{ ref('segment_moments') }}

),

-- All segments in one row of lists, in the order of their ids.
lists as (

    select
        {{ collected('segment_id', 'segment_id') }} as segment_ids,
        {{ collected('customers', 'segment_id') }} as customers,
        {{ collected(record_of({'mean': 'mean', 'variance': 'variance'}), 'segment_id') }} as moments
    from moments

),

placed as (

    select
        assignments.*,
        {{ place_in_list('lists.segment_ids', 'assignments.segment_id') }} as own
    from assignments
    cross join lists

),

separation as (

    select
        placed.*,
        {{ element('lists.customers', 'placed.own') }} as own_customers,
        {{ euclidean_distance('placed.vector', element('lists.moments', 'placed.own') ~ '.mean') }} as distance_to_mean,
        {{ mean_squared_distances('placed.vector', 'lists.moments') }} as mean_squares
    from placed
    cross join lists

),

nearness as (

    select
        *,
        -- a customer is not compared with himself
        {{ element('mean_squares', 'own') }} * own_customers / nullif(own_customers - 1, 0) as within,
        {{ list_smallest(list_map(
            positions('mean_squares'), 's', 'case when s != own then ' ~ element('mean_squares', 's') ~ ' end'
        )) }} as between
    from separation

),

silhouettes as (

    select

        ---------- keys
        customer_id,
        segment_id,
        model_version,

        ---------- the nearest segment, and how clear the case is
        distance,
        runner_up_segment_id,
        membership,

        ---------- how well he fits in
        distance_to_mean,
        case
            -- segment 0 is no group
            when own is null then null
            -- alone in his segment his silhouette is 0 by convention (Rousseeuw 1987)
            when own_customers = 1 then 0
            else coalesce((between - within) / nullif(greatest(between, within), 0), 0)
        end as silhouette_squared_euclidean

    from nearness

)

select * from silhouettes
