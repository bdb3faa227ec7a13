{{ config(materialized='table', post_hook="{{ say_warnings() }}") }}

with

overrides as (

    select * from {{ ref('stg_overrides') }}

),

assignments as (

    select * from {{ ref('segment_assignments') }}

),

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

observation as (

    select max(as_of) as as_of
    from snapshot

),

inhabited as (

    select distinct segment_id
    from assignments

),

known as (

    select {{ joined_text('cast(segment_id as string)', 'segment_id', "', '") }} as all_ids
    from inhabited

),

-- An override holds up to the end of its last day.
judged as (

    select
        overrides.*,
        assignments.segment_id as modelled_segment_id,
        known.all_ids,
        case
            when overrides.customer_id is null or assignments.customer_id is null then 'unknown customer'
            when inhabited.segment_id is null then 'unknown segment'
            when overrides.reason is null then 'no reason'
            when overrides.expires_on_text is not null and overrides.expires_on is null then 'unreadable date'
            when observation.as_of > cast(overrides.expires_on as timestamp) + {{ days_interval(1) }} then 'expired'
            else 'applied'
        end as verdict
    from overrides
    cross join observation
    left join assignments
        on overrides.customer_id = assignments.customer_id
    left join inhabited
        on overrides.segment_id = inhabited.segment_id
    cross join known

),

-- Of several that hold for one customer the one that holds longest is applied.
ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, verdict
            order by expires_on desc nulls first, segment_id asc, reason asc
        ) as turn
    from judged

),

decided as (

    select
        *,
        case when verdict = 'applied' and turn > 1 then 'repeated' else verdict end as decision
    from ranked

),

numbered as (

    select

        ---------- keys
        customer_id,

        ---------- segment
        segment_id,
        cast(modelled_segment_id as integer) as modelled_segment_id,

        ---------- why and how long
        reason,
        expires_on,

        ---------- verdict
        decision,
        cast(row_number() over (
            order by
                customer_id asc nulls last,
                decision asc,
                expires_on desc nulls first,
                segment_id asc nulls last,
                segment_id_text asc nulls last,
                reason asc nulls last
        ) as bigint) as override_number,
        case
            when decision in ('applied', 'expired') then 'pass'
            else 'warn'
        end as status,
        'The override of customer ' || coalesce(customer_id, '(blank)') || ' '
        || case decision
            when 'applied' then 'is applied.'
            when 'expired'
                then 'has expired on ' || cast(expires_on as string) || ': remove the row, or move expires_on.'
            when 'repeated'
                then
                    'is not applied, since the customer has another one that holds as long or longer: '
                    || 'keep one of them.'
            when 'unknown customer'
                then
                    'is not applied, since segments has no such customer: correct customer_id or remove the row.'
            when 'unknown segment'
                then
                    'is not applied, since there is no segment ' || coalesce(segment_id_text, '(blank)')
                    || ': name one of ' || coalesce(all_ids, 'those of the model') || '.'
            when 'no reason'
                then 'is not applied, since it has no reason: write one.'
            else
                'is not applied, since its expires_on is ' || expires_on_text
                || ': write a date such as 2026-12-31, or leave it blank for no end.'
        end as message

    from decided

)

select * from numbered
