-- depends_on: {{ ref('transaction_audit') }}
with

ledger as (

    select * from {{ ref('transaction_ledger') }}

),

orders as (

    select

        ---------- keys
        customer_id,
        order_id,

        ---------- dimensions
        country,

        ---------- measures
        lines,
        items,
        amount,
        purchased_amount,
        returned_amount,
        net_cost,
        lines_without_cost,

        ---------- when
        -- an order is complete at its last line
        coalesce(last_purchase_line_at, last_line_at) as ordered_at,

        ---------- what it is
        -- an order that only takes things back is not a visit
        purchase_lines > 0 as is_visit

    from ledger
    where reject_reason is null

)

select * from orders
