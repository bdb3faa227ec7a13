with

silhouettes as (

    select * from {{ ref('customer_silhouettes') }}

),

overrides as (

    select * from {{ ref('segment_overrides') }}
    where decision = 'applied'

),

memberships as (

    select

        ---------- keys
        silhouettes.customer_id,
        silhouettes.model_version,

        ---------- by hand
        overrides.reason as override_reason,
        overrides.expires_on as override_expires_on,

        ---------- by the model
        silhouettes.distance,
        silhouettes.membership,
        silhouettes.silhouette_squared_euclidean,

        ---------- segment
        cast(silhouettes.runner_up_segment_id as integer) as runner_up_segment_id,
        cast(silhouettes.segment_id as integer) as modelled_segment_id,
        cast(coalesce(overrides.segment_id, silhouettes.segment_id) as integer) as segment_id,

        ---------- whether it is by hand
        overrides.customer_id is not null as is_overridden

    from silhouettes
    left join overrides
        on silhouettes.customer_id = overrides.customer_id

)

select * from memberships
