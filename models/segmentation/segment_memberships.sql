with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

overrides as (

    select * from {{ ref('segment_overrides') }}
    where decision = 'applied'

),

memberships as (

    select

        ---------- keys
        assignments.customer_id,

        ---------- by hand
        overrides.reason as override_reason,
        overrides.expires_on as override_expires_on,

        ---------- segment
        cast(assignments.segment_id as integer) as modelled_segment_id,
        cast(coalesce(overrides.segment_id, assignments.segment_id) as integer) as segment_id,

        ---------- whether it is by hand
        overrides.customer_id is not null as is_overridden

    from assignments
    left join overrides
        on assignments.customer_id = overrides.customer_id

)

select * from memberships
