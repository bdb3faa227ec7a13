{{ config(materialized='table') }}

with

lines as (

    select * from {{ ref('stg_transactions') }}

),

-- The one full pass over the input that audit and orders share. Rejected lines need no order, so
-- they collapse to one row a reason.
ledger as (

    select

        ---------- keys
        reject_reason,
        case when reject_reason is null then customer_id end as customer_id,
        case when reject_reason is null then order_id end as order_id,

        ---------- when
        max(ordered_at) as last_line_at,
        max(case when not is_return then ordered_at end) as last_purchase_line_at,

        ---------- dimensions
        min(country) as country,

        ---------- counts
        count(*) as lines,
        count(case when not is_return then 1 end) as purchase_lines,

        ---------- measures
        sum(case when not is_return then quantity end) as items,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(case when not is_return then amount end), 0) as purchased_amount,
        coalesce(-sum(case when is_return then amount end), 0) as returned_amount,
        coalesce(sum(line_cost), 0) as net_cost,
        count(case when line_cost is null then 1 end) as lines_without_cost

    from lines
    group by
        reject_reason,
        case when reject_reason is null then customer_id end,
        case when reject_reason is null then order_id end

)

select * from ledger
