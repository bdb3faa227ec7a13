{#- a table where ids are hashed: whoever reads it later has not the secret that the view would need -#}
{{ config(materialized='table' if pseudonymizes() else 'view') }}

with

lines as (

    select * from {{ judged_lines() }}

),

rejected as (

    select

        ---------- the verdict
        reject_reason,

        ---------- keys
        customer_id,
        order_id,
        line_id,
        product_id,

        ---------- as typed
        ordered_at,
        quantity,
        unit_price,
        amount,
        is_return,

        ---------- as they came
        ordered_at_text,
        quantity_text,
        unit_price_text

    from lines
    where reject_reason is not null

)

select * from rejected
