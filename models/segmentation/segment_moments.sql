{{ config(materialized='table') }}

with

-- Whoever is in segment 0 has nothing in common with the others there: it is no group.
assignments as (

    select * from {{ ref('segment_assignments') }}
    where segment_id != 0

),

-- The last element is the squared length.
coordinates as (

    select
        segment_id,
        model_version,
        {{ unnested([
            (whole_numbers(1, list_length('vector') ~ ' + 1'), 'place'),
            (list_and('vector', inner_product('vector', 'vector')), 'coordinate'),
        ]) }}
    from assignments

),

-- Sums of decimals are exact, so that not even the last digit depends on the order of the rows.
means as (

    select
        segment_id,
        model_version,
        place,
        count(*) as customers,
        cast(sum(cast(coordinate as decimal(38, 12))) as double) / count(*) as mean
    from coordinates
    group by
        segment_id,
        model_version,
        place

),

lists as (

    select
        segment_id,
        model_version,
        max(customers) as customers,
        {{ collected('mean', 'place') }} as means
    from means
    group by
        segment_id,
        model_version

),

split as (

    select
        segment_id,
        model_version,
        customers,
        {{ list_part('means', 1, list_length('means') ~ ' - 1') }} as mean,
        {{ element('means', list_length('means')) }} as mean_square
    from lists

),

moments as (

    select

        ---------- keys
        segment_id,
        model_version,

        ---------- moments
        customers,
        mean,
        greatest(mean_square - {{ inner_product('mean', 'mean') }}, 0) as variance

    from split

)

select * from moments
