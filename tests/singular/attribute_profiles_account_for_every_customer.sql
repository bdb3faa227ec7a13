with

profiles as (

    select * from {{ ref('segment_attribute_profiles') }}
    where statistic = 'share'

),

sizes as (

    select
        segment_id,
        count(*) as customers
    from {{ ref('segments') }}
    group by segment_id

),

attributes as (

    select distinct attribute from profiles

),

found as (

    select
        segment_id,
        attribute,
        sum(customers) as customers,
        sum(share) as sum_of_shares
    from profiles
    group by
        segment_id,
        attribute

),

offending as (

    select
        attributes.attribute,
        sizes.segment_id,
        sizes.customers as customers_in_segments,
        found.segment_id as segment_id_in_profiles,
        found.customers as customers_in_profiles,
        found.sum_of_shares
    from sizes
    cross join attributes
    full outer join found
        on sizes.segment_id = found.segment_id
            and attributes.attribute = found.attribute
    where sizes.customers is distinct from found.customers
        -- doubles: each share is rounded in its last digit
        or abs(found.sum_of_shares - 1) > 1e-9

)

select * from offending
