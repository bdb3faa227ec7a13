with

audit as (

    select * from {{ ref('transaction_audit') }}

),

by_reason as (

    select
        sum(rows_failed) as lines,
        sum(amount_failed) as amount
    from audit
    where
        check_name in (
            {%- for reason in reject_reasons() %}
                '{{ reason.name }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

),

in_all as (

    select
        rows_failed as lines,
        amount_failed as amount
    from audit
    where check_name = 'kept_lines'

)

select
    by_reason.lines as lines_by_reason,
    in_all.lines as lines_in_all,
    by_reason.amount as amount_by_reason,
    in_all.amount as amount_in_all
from by_reason
cross join in_all
where by_reason.lines != in_all.lines
    or by_reason.amount != in_all.amount
