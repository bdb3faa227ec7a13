select
    model_version,
    count(case when is_chosen then 1 end) as chosen
from {{ ref('segment_candidates') }}
group by model_version
having count(case when is_chosen then 1 end) != 1
