select distinct spend_band
from {{ ref('buyers') }}
