{{ config(enabled=setting('semantic_layer') == true and setting('time_spine') == true, materialized='table') }}

with

periods as (

    select
        period_start,
        period_end
    from {{ ref('segment_kpis') }}

),

builds as (

    select cast(as_of as date) as built_for
    from {{ ref('segment_history') }}

),

dates as (

    select period_start as date_day from periods

    union all

    select period_end as date_day from periods

    union all

    -- a back-test may be the present: earlier runs looked further
    select built_for as date_day from builds

),

-- Whole years, so that none of the weeks, months and quarters in between lacks a day.
years as (

    select
        cast(date_trunc('year', min(date_day)) as date) as first_day,
        cast(date_trunc('year', max(date_day)) + interval '1' year - {{ days_interval(1) }} as date) as last_day
    from dates

),

days as (

    select {{ calendar_days('first_day', 'last_day') }} as date_day
    from years

)

select * from days
