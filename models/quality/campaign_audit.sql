{{ config(materialized='table') }}

with

contacts as (

    select * from {{ ref('stg_campaign_contacts') }}

),

buyers as (

    select distinct customer_id
    from {{ ref('transaction_ledger') }}
    where reject_reason is null
        and purchase_lines > 0

),

outcomes as (

    select
        0 as position,
        '(kept)' as outcome,
        'a contact of a customer who is in a segment' as meaning

    union all

    select
        1 as position,
        '(repeated)' as outcome,
        'another row for a campaign and customer that are kept' as meaning

    union all

    select
        2 as position,
        '(no order)' as outcome,
        'a contact of somebody without a valid order, who is in no segment' as meaning
    {%- for reason in contact_reject_reasons() %}

        union all

        select
            {{ loop.index + 2 }} as position,
            '{{ reason.name }}' as outcome,
            '{{ reason.meaning }}' as meaning
    {%- endfor %}

),

judged as (

    select
        contacts.input_rows,
        contacts.has_responded,
        coalesce(
            contacts.reject_reason, case when buyers.customer_id is null then '(no order)' else '(kept)' end
        ) as outcome
    from contacts
    left join buyers
        on contacts.customer_id = buyers.customer_id

),

counted as (

    select
        outcome,
        sum(case when outcome = '(kept)' then 1 else input_rows end) as contact_rows,
        count(case when has_responded then 1 end) as responses
    from judged
    group by outcome

    union all

    select
        '(repeated)' as outcome,
        sum(input_rows - 1) as contact_rows,
        0 as responses
    from judged
    where outcome = '(kept)'

),

totals as (

    select sum(contact_rows) as contact_rows
    from counted

),

audit as (

    select

        ---------- keys
        outcomes.outcome,
        outcomes.meaning,
        outcomes.position,

        ---------- what was counted
        cast(coalesce(counted.contact_rows, 0) as bigint) as contact_rows,
        cast(coalesce(counted.responses, 0) as bigint) as responses,
        cast(coalesce(counted.contact_rows, 0) as double) / totals.contact_rows as row_share

    from outcomes
    cross join totals
    left join counted
        on outcomes.outcome = counted.outcome
    -- without campaigns there is nothing to audit
    where totals.contact_rows > 0

)

select * from audit
