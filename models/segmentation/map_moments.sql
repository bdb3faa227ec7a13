{{ config(materialized='table') }}

with

sample as (

    select * from {{ ref('map_sample') }}

),

pairs as (

    select
        vector,
        {{ unnested([(positions('vector'), 'place')]) }}
    from sample

),

products as (

    select
        place,
        {{ element('vector', 'place') }} as coordinate,
        {{ unnested([
            (whole_numbers('place', list_length('vector')), 'other_place'),
            (list_part('vector', 'place', list_length('vector')), 'other_coordinate'),
        ]) }}
    from pairs

),

-- Sums of decimals are exact, so that not even the last digit depends on the order of the rows.
sums as (

    select
        place,
        other_place,
        cast(sum(cast(coordinate as decimal(38, 12))) as double) as total,
        cast(sum(cast(other_coordinate as decimal(38, 12))) as double) as other_total,
        cast(sum(cast(coordinate * other_coordinate as decimal(38, 12))) as double) as product_total,
        count(*) as customers
    from products
    group by
        place,
        other_place

),

moments as (

    select

        ---------- keys
        cast(place as integer) as place,
        cast(other_place as integer) as other_place,

        ---------- moments
        customers,
        total / customers as mean,
        product_total / customers - (total / customers) * (other_total / customers) as covariance

    from sums

)

select * from moments
