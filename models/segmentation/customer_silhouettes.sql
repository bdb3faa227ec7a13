{{ config(materialized='table') }}

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
        list(segment_id order by segment_id) as segment_ids,
        list(customers order by segment_id) as customers,
        list(mean order by segment_id) as means,
        list(variance order by segment_id) as variances
    from moments

),

-- The mean squared distance from a customer to the members of a segment is the squared distance to
-- their mean plus their variance: no pair of customers is ever compared.
separation as (

    select
        assignments.customer_id,
        assignments.segment_id,
        assignments.model_version,
        list_position(lists.segment_ids, assignments.segment_id) as own,
        lists.customers[list_position(lists.segment_ids, assignments.segment_id)] as own_customers,
        list_distance(
            assignments.vector, lists.means[list_position(lists.segment_ids, assignments.segment_id)]
        ) as distance,
        list_transform(
            range(1, len(lists.means) + 1),
            lambda s: pow(list_distance(assignments.vector, lists.means[s]), 2) + lists.variances[s]
        ) as mean_squares
    from assignments
    cross join lists

),

nearness as (

    select
        customer_id,
        segment_id,
        model_version,
        own,
        distance,
        own_customers,
        -- a customer is not compared with himself
        mean_squares[own] * own_customers / nullif(own_customers - 1, 0) as within,
        list_min(list_transform(
            range(1, len(mean_squares) + 1), lambda s: case when s != own then mean_squares[s] end
        )) as between
    from separation

),

silhouettes as (

    select

        ---------- keys
        customer_id,
        segment_id,
        model_version,

        ---------- how well he fits in
        distance as distance_to_mean,
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
