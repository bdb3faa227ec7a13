select
    check_name,
    rows_failed,
    rows_checked,
    message
from {{ ref('transaction_audit') }}
where status = 'error'
