{{ config(materialized='table', pre_hook="{{ check_model() }}") }}

{%- set dimensions = setting('features') | length %}

with

vectors as (

    select
        vectors.customer_id,
        vectors.vector,
        assignments.segment_id
    from {{ ref('customer_vectors') }} as vectors
    inner join {{ ref('segment_assignments') }} as assignments
        on vectors.customer_id = assignments.customer_id

),

names as (

    select * from {{ ref('segment_names') }}

),

-- Everything below follows from the number, the mean and the mean squared length of each segment:
-- no pair of customers is ever compared.
moments as (

    select
        segment_id,
        count(*) as customers,
        [
            {%- for j in range(1, dimensions + 1) %}
                avg(vector[{{ j }}]){{ ',' if not loop.last }}
            {%- endfor %}
        ] as mean,
        avg(list_inner_product(vector, vector)) as mean_square
    from vectors
    group by segment_id

),

spread as (

    select
        segment_id,
        customers,
        mean,
        greatest(mean_square - list_inner_product(mean, mean), 0) as variance
    from moments

),

centre as (

    select
        sum(customers) as customers,
        count(*) as segments,
        [
            {%- for j in range(1, dimensions + 1) %}
                sum(customers * mean[{{ j }}]) / sum(customers){{ ',' if not loop.last }}
            {%- endfor %}
        ] as mean
    from spread

),

-- All segments in one row of lists, in the order of their ids.
lists as (

    select
        list(segment_id order by segment_id) as segment_ids,
        list(customers order by segment_id) as customers,
        list(mean order by segment_id) as means,
        list(variance order by segment_id) as variances
    from spread

),

-- The mean squared distance from a customer to the members of a segment is the squared distance to
-- their mean plus their variance.
separation as (

    select
        vectors.segment_id,
        list_position(lists.segment_ids, vectors.segment_id) as own,
        lists.customers[list_position(lists.segment_ids, vectors.segment_id)] as own_customers,
        list_distance(
            vectors.vector, lists.means[list_position(lists.segment_ids, vectors.segment_id)]
        ) as distance,
        list_transform(
            range(1, len(lists.means) + 1),
            lambda s: pow(list_distance(vectors.vector, lists.means[s]), 2) + lists.variances[s]
        ) as mean_squares
    from vectors
    cross join lists

),

nearness as (

    select
        segment_id,
        distance,
        own_customers,
        -- a customer is not compared with himself
        mean_squares[own] * own_customers / nullif(own_customers - 1, 0) as within,
        list_min(list_concat(mean_squares[1:own - 1], mean_squares[own + 1:])) as between
    from separation

),

silhouettes as (

    select
        segment_id,
        distance,
        -- alone in his segment his silhouette is 0 by convention (Rousseeuw 1987)
        case
            when own_customers = 1 then 0
            else coalesce((between - within) / nullif(greatest(between, within), 0), 0)
        end as silhouette
    from nearness

),

per_segment as (

    select
        silhouettes.segment_id,
        avg(silhouettes.silhouette) as silhouette,
        sum(silhouettes.silhouette) as silhouette_sum,
        avg(silhouettes.distance) as mean_distance
    from silhouettes
    group by silhouettes.segment_id

),

-- Davies & Bouldin 1979: the worst ratio of spread to separation against any other segment.
ratios as (

    select
        own.segment_id,
        max(
            (own_distance.mean_distance + other_distance.mean_distance)
            / nullif(list_distance(own.mean, other.mean), 0)
        ) as davies_bouldin
    from spread as own
    inner join spread as other
        on own.segment_id != other.segment_id
    inner join per_segment as own_distance
        on own.segment_id = own_distance.segment_id
    inner join per_segment as other_distance
        on other.segment_id = other_distance.segment_id
    group by own.segment_id

),

by_segment as (

    select
        spread.segment_id,
        spread.customers,
        per_segment.mean_distance,
        per_segment.silhouette,
        per_segment.silhouette_sum,
        ratios.davies_bouldin,
        spread.customers * spread.variance as inertia,
        spread.customers * pow(list_distance(spread.mean, centre.mean), 2) as between_inertia
    from spread
    cross join centre
    inner join per_segment
        on spread.segment_id = per_segment.segment_id
    left join ratios
        on spread.segment_id = ratios.segment_id

),

overall as (

    select
        cast(null as integer) as segment_id,
        sum(customers) as customers,
        sum(inertia) as inertia,
        sum(mean_distance * customers) / sum(customers) as mean_distance,
        sum(silhouette_sum) / sum(customers) as silhouette,
        avg(davies_bouldin) as davies_bouldin,
        (sum(between_inertia) / nullif(count(*) - 1, 0))
        / nullif(sum(inertia) / nullif(sum(customers) - count(*), 0), 0) as calinski_harabasz
    from by_segment

),

combined as (

    select
        segment_id,
        customers,
        inertia,
        mean_distance,
        silhouette,
        davies_bouldin,
        cast(null as double) as calinski_harabasz
    from by_segment

    union all

    select
        segment_id,
        customers,
        inertia,
        mean_distance,
        silhouette,
        davies_bouldin,
        calinski_harabasz
    from overall

),

quality as (

    select

        names.segment_name,
        cast(combined.customers as bigint) as customers,

        ---------- compactness and separation
        combined.inertia,
        combined.mean_distance,
        combined.silhouette as silhouette_squared_euclidean,
        combined.davies_bouldin,
        combined.calinski_harabasz,

        ---------- lineage
        model.model_version,

        ---------- keys
        cast(combined.segment_id as integer) as segment_id,
        case when combined.segment_id is null then 'overall' else 'segment' end as scope,
        coalesce(cast(combined.segment_id as varchar), 'all') as scope_id,

        ---------- size
        cast(combined.customers as double) / centre.customers as customer_share

    from combined
    cross join centre
    cross join {{ ref('current_model') }} as model
    left join names
        on combined.segment_id = names.segment_id

)

select * from quality
