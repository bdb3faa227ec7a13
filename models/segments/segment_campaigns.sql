{{ config(materialized='table') }}

with

segments as (

    select * from {{ ref('segments') }}

),

contacts as (

    select
        contacts.campaign_id,
        contacts.contacted_at,
        contacts.has_responded,
        segments.segment_id,
        segments.segment_name
    from {{ ref('stg_campaign_contacts') }} as contacts
    inner join segments
        on contacts.customer_id = segments.customer_id

),

counted as (

    select
        'segment' as scope,
        cast(segment_id as string) as scope_id,
        segment_id,
        max(segment_name) as segment_name,
        campaign_id,
        min(contacted_at) as first_contact_at,
        count(*) as contacted,
        count(case when has_responded then 1 end) as responded
    from contacts
    group by
        segment_id,
        campaign_id

    union all

    select
        'overall' as scope,
        'all' as scope_id,
        null as segment_id,
        null as segment_name,
        campaign_id,
        min(contacted_at) as first_contact_at,
        count(*) as contacted,
        count(case when has_responded then 1 end) as responded
    from contacts
    group by campaign_id

),

overall as (

    select * from counted
    where scope = 'overall'

),

campaigns as (

    select

        ---------- keys
        counted.scope,
        counted.scope_id,
        counted.segment_id,
        counted.segment_name,
        counted.campaign_id,

        ---------- when
        counted.first_contact_at,

        ---------- what came of it
        counted.contacted,
        counted.responded,
        cast(counted.responded as double) / counted.contacted as conversion_rate,
        {{ wilson_bound('counted.responded', 'counted.contacted', 'lower') }} as conversion_rate_lower,
        {{ wilson_bound('counted.responded', 'counted.contacted', 'upper') }} as conversion_rate_upper,

        ---------- against everybody
        (cast(counted.responded as double) / counted.contacted)
        / nullif(cast(overall.responded as double) / overall.contacted, 0) as lift

    from counted
    inner join overall
        on counted.campaign_id = overall.campaign_id

)

select * from campaigns
