{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

described as (

    select
        assignments.segment_id,
        {{ trait_numbers('snapshot') }} as numbers,
        {{ trait_texts('snapshot') }} as texts
    from assignments
    inner join snapshot
        on assignments.customer_id = snapshot.customer_id

),

sizes as (

    select
        segment_id,
        count(*) as customers
    from described
    group by segment_id

),

total as (

    select sum(customers) as customers
    from sizes

),

numbers as (

    select
        segment_id,
        {{ unnested([(name_list(numeric_columns()), 'feature'), ('numbers', 'x')]) }}
    from described

),

-- What is not finite, or too large for an exact sum, describes nobody.
finite as (

    select * from numbers
    where abs(x) < 1e18

),

-- In units of its own, so that prices in cents give the names that prices in euros give.
units as (

    select
        feature,
        median(abs(x)) as unit
    from finite
    where x != 0
    group by feature

),

logarithms as (

    select
        finite.segment_id,
        finite.feature,
        finite.x,
        coalesce(sign(finite.x) * ln(1 + abs(finite.x) / units.unit), 0) as z
    from finite
    left join units
        on finite.feature = units.feature

),

-- Sums of decimals are exact: a name must not depend on the order in which threads add. A logarithm of a double
-- is below 710, so that its square fits into the narrow decimal, which is the faster to add.
sums as (

    select
        segment_id,
        feature,
        count(*) as customers,
        sum(cast(x as decimal(38, 6))) as x_total,
        sum(cast(z as decimal(18, 12))) as z_total,
        sum(cast(z * z as decimal(18, 12))) as z_squares
    from logarithms
    group by
        segment_id,
        feature

),

sums_of_all as (

    select
        feature,
        cast(sum(x_total) as double) / sum(customers) as x_mean,
        cast(sum(z_total) as double) / sum(customers) as z_mean,
        cast(sum(z_squares) as double) / sum(customers) as z_square
    from sums
    group by feature

),

number_traits as (

    select
        sums.segment_id,
        sums.feature,
        cast(null as string) as level_name,
        sums.customers as known_customers,
        cast(sums.x_total as double) / sums.customers as mean,
        sums_of_all.x_mean as mean_of_all,
        (cast(sums.z_total as double) / sums.customers - sums_of_all.z_mean)
        / nullif(sqrt(greatest(sums_of_all.z_square - sums_of_all.z_mean * sums_of_all.z_mean, 0)), 0) as effect
    from sums
    inner join sums_of_all
        on sums.feature = sums_of_all.feature

),

texts as (

    select
        segment_id,
        {{ unnested([(name_list(text_columns()), 'feature'), ('texts', 'level_name')]) }}
    from described

),

levels as (

    select
        segment_id,
        feature,
        level_name,
        count(*) as customers,
        sum(count(*)) over (partition by feature, level_name) as customers_of_all,
        sum(count(*)) over (partition by segment_id, feature) as known_customers
    from texts
    where level_name is not null
    group by
        segment_id,
        feature,
        level_name

),

shares as (

    select
        levels.*,
        levels.customers / sizes.customers as mean,
        levels.customers_of_all / total.customers as mean_of_all
    from levels
    inner join sizes
        on levels.segment_id = sizes.segment_id
    cross join total

),

-- A level that most of no segment have says nothing about any.
level_traits as (

    select
        segment_id,
        feature,
        level_name,
        known_customers,
        mean,
        mean_of_all,
        (mean - mean_of_all) / nullif(sqrt(mean_of_all * (1 - mean_of_all)), 0) as effect
    from shares
    qualify max(mean) over (partition by feature, level_name) > 0.5

),

combined as (

    select * from number_traits

    union all

    select * from level_traits

),

traits as (

    select

        ---------- keys
        combined.segment_id,
        combined.feature,
        combined.level_name,

        ---------- measures
        cast(sizes.customers as bigint) as customers,
        cast(combined.known_customers as bigint) as known_customers,
        combined.mean,
        combined.mean_of_all,
        {{ rounded('combined.effect', 6) }} as effect,
        combined.feature || coalesce('=' || combined.level_name, '') as trait

    from combined
    inner join sizes
        on combined.segment_id = sizes.segment_id

)

select * from traits
