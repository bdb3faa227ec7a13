with

sums as (

    select
        sum(customer_share) as customer_shares,
        sum(revenue_share) as revenue_shares
    from {{ ref('segment_profiles') }}

)

select * from sums
-- doubles: each share is rounded in its last digit
where abs(customer_shares - 1) > 1e-9
    or abs(revenue_shares - 1) > 1e-9
