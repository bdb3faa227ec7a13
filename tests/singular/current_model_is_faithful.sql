select
    model_version,
    algorithm,
    fidelity,
    {{ setting('min_fidelity') }} as min_fidelity
from {{ ref('current_model') }}
where fidelity < {{ setting('min_fidelity') }}
