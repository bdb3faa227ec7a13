{{ config(materialized='table') }}

with

ledger as (

    select * from {{ ref('transaction_ledger') }}

),

observed as (

    select
        min(last_line_at) as first_order_at,
        max(last_purchase_line_at) as last_order_at
    from ledger
    where reject_reason is null

),

observation as (

    select

        ---------- what the data show
        first_order_at,
        last_order_at,

        ---------- the end of observation
        {% if setting('as_of') is none -%}
            {{ next_midnight('last_order_at') }} as as_of
        {%- else -%}
            {{ timestamp_literal(setting('as_of')) }} as as_of
        {%- endif %}

    from observed

)

select * from observation
