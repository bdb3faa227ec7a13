-- Four bands of spend with borders of this project's own, so that all generic tests have work.
select
    customer_id,
    segment_id,
    monetary,
    case
        when monetary >= 5000 then 4
        when monetary >= 1000 then 3
        when monetary >= 250 then 2
        else 1
    end as spend_band
from {{ ref('customer_segmentation', 'segments') }}
