select
    version,
    make_timestamp(epoch_us(published_at)) as published_at,
    as_of,
    model_version
from publication
