{{ config(materialized='table') }}

with

silhouettes as (

    select * from {{ ref('customer_silhouettes') }}

),

moments as (

    select * from {{ ref('segment_moments') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

-- The overall mean, dimension by dimension. The order of adding is given, here and below: it decides on the
-- last digit.
coordinates as (

    select
        segment_id,
        customers,
        {{ unnested([('mean', 'mean'), (positions('mean'), 'place')]) }}
    from moments

),

centre_coordinates as (

    select
        place,
        {{ ordered_sum('customers * mean', 'segment_id') }} / sum(customers) as mean
    from coordinates
    group by place

),

centre as (

    select {{ collected('mean', 'place') }} as mean
    from centre_coordinates

),

per_segment as (

    select
        segment_id,
        count(*) as customers,
        {{ exact_mean('silhouette_squared_euclidean') }} as silhouette,
        cast(sum({{ to_decimal('silhouette_squared_euclidean', 38, 12) }}) as double) as silhouette_sum,
        {{ exact_mean('distance_to_mean') }} as mean_distance
    from silhouettes
    group by segment_id

),

-- Davies & Bouldin 1979: the worst ratio of spread to separation against any other segment.
ratios as (

    select
        own.segment_id,
        max(
            (own_distance.mean_distance + other_distance.mean_distance)
            / nullif({{ euclidean_distance('own.mean', 'other.mean') }}, 0)
        ) as davies_bouldin
    from moments as own
    inner join moments as other
        on own.segment_id != other.segment_id
    inner join per_segment as own_distance
        on own.segment_id = own_distance.segment_id
    inner join per_segment as other_distance
        on other.segment_id = other_distance.segment_id
    group by own.segment_id

),

-- Segment 0 has customers but no moments: all its metrics are null, and the overall row leaves it out.
by_segment as (

    select
        per_segment.segment_id,
        per_segment.customers,
        moments.customers as grouped_customers,
        per_segment.mean_distance,
        per_segment.silhouette,
        per_segment.silhouette_sum,
        ratios.davies_bouldin,
        moments.customers * moments.variance as inertia,
        moments.customers * pow({{ euclidean_distance('moments.mean', 'centre.mean') }}, 2) as between_inertia
    from per_segment
    cross join centre
    left join moments
        on per_segment.segment_id = moments.segment_id
    left join ratios
        on per_segment.segment_id = ratios.segment_id

),

overall as (

    select
        cast(null as integer) as segment_id,
        sum(customers) as customers,
        {{ ordered_sum('inertia', 'segment_id') }} as inertia,
        {{ ordered_sum('mean_distance * grouped_customers', 'segment_id') }} / sum(grouped_customers) as mean_distance,
        {{ ordered_sum('silhouette_sum', 'segment_id') }} / sum(grouped_customers) as silhouette,
        {{ ordered_sum('davies_bouldin', 'segment_id') }} / nullif(count(davies_bouldin), 0) as davies_bouldin,
        ({{ ordered_sum('between_inertia', 'segment_id') }} / nullif(count(grouped_customers) - 1, 0))
        / nullif(
            {{ ordered_sum('inertia', 'segment_id') }} / nullif(sum(grouped_customers) - count(grouped_customers), 0), 0
        ) as calinski_harabasz
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
        coalesce(cast(combined.segment_id as string), 'all') as scope_id,

        ---------- size
        cast(combined.customers as double) / overall.customers as customer_share

    from combined
    cross join overall
    cross join {{ ref('current_model') }} as model
    left join names
        on combined.segment_id = names.segment_id

)

select * from quality
