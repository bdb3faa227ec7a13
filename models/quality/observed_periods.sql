{{ config(materialized='table') }}

with

orders as (

    select coalesce(last_purchase_line_at, last_line_at) as ordered_at
    from {{ ref('transaction_ledger') }}
    where reject_reason is null

),

observation as (

    select
        first_order_at,
        as_of
    from {{ ref('observation_window') }}

),

-- A return may come after the end of observation, and a line at that very instant is kept.
bounds as (

    select
        {{ period_start('min(ordered_at)') }} as first_start,
        {{ period_start('max(ordered_at)') }} as last_start
    from orders

),

starts as (

    select
        {{ period_starts(
            'bounds.first_start',
            'greatest(bounds.last_start, ' ~ period_start(just_before('observation.as_of')) ~ ')'
        ) }} as period_start
    from bounds
    cross join observation

),

periods as (

    select

        ---------- keys
        starts.period_start,
        {{ period_label('starts.period_start') }} as period,
        cast(row_number() over (order by starts.period_start) as integer) as position,

        ---------- when
        cast({{ next_period('starts.period_start') }} - {{ days_interval(1) }} as date) as period_end,
        least(cast({{ next_period('starts.period_start') }} as timestamp), observation.as_of) as measured_to,

        ---------- how far it can be trusted
        starts.period_start >= cast(observation.first_order_at as date)
        and {{ next_period('starts.period_start') }} <= observation.as_of as is_complete

    from starts
    cross join observation

)

select * from periods
