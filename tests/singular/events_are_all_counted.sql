with

input_events as (

    select count(*) as events
    from {{ setting('events') }}

),

audit as (

    select coalesce(sum(events), 0) as events
    from {{ ref('event_audit') }}

)

select
    input_events.events as events_in_input,
    audit.events as events_in_audit
from input_events
cross join audit
where input_events.events != audit.events
