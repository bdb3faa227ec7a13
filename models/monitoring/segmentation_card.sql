{{ config(materialized='table') }}

with

model as (

    select * from {{ ref('current_model') }}

),

observation as (

    select * from {{ ref('observation_window') }}

),

audit as (

    select * from {{ ref('transaction_audit') }}

),

stability as (

    select * from {{ ref('segment_stability') }}

),

drift as (

    select * from {{ ref('feature_drift') }}

),

warnings as (

    select message from stability
    where scope = 'overall' or status != 'pass'

    union all

    select message from drift
    where status != 'pass'

    union all

    select message from audit
    where status != 'pass'

),

limits as (

    select
        '## Limits' || {{ new_line(2) }}
        || coalesce({{ joined_text("'- ' || message", 'message', new_line()) }} || {{ new_line() }}, '')
        || '- The segments describe what was observed; they do not say why customers behave as they do.'
        || {{ new_line() }}
        || '- A customer near a border could as well be in the next segment: see membership and runner_up_segment_id.'
            as markdown
    from warnings

),

sections as (

    select * from {{ ref('card_of_model') }}

    union all

    select * from {{ ref('card_of_segments') }}

    union all

    select
        13 as position,
        'limits' as section,
        markdown
    from limits

),

card as (

    select
        cast(sections.position as integer) as position,
        sections.section,
        sections.markdown,
        model.model_version,
        observation.as_of
    from sections
    cross join model
    cross join observation

)

select * from card
