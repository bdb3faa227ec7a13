with

input_lines as (

    select count(*) as lines
    from {{ setting('transactions') }}

),

audit as (

    select rows_checked as lines
    from {{ ref('transaction_audit') }}
    where check_name = 'kept_lines'

)

select
    input_lines.lines as lines_in_input,
    audit.lines as lines_in_audit
from input_lines
cross join audit
where input_lines.lines != audit.lines
