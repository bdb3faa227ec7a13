select
    model_version,
    algorithm,
    k,
    count(*) as times
from {{ ref('segment_candidates') }}
group by
    model_version,
    algorithm,
    k
having count(*) > 1
