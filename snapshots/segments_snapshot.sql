{% snapshot segments_snapshot %}

{#
    All times are those of the run that built `segments`, in UTC, so that the rows valid at the run_at of a
    build are that build, whatever the clock or the time zone of the session. dbt would close the rows of those
    who are gone by the clock: settle_snapshot() does it instead.
#}
{{ config(
    unique_key='customer_id', strategy='check', check_cols=['segment_id', 'segment_name'], updated_at='run_at',
    hard_deletes='ignore', post_hook="{{ settle_snapshot() }}"
) }}

{#- what the snapshot waits for, and what its hook reads -#}
{%- set waits_for = [ref('customer_keys')] + ([ref('stg_forgotten')] if forgets() else []) %}

with

segments as (

    select * from {{ ref('segments') }}

),

run as (

    select * from {{ ref('published_run') }}

),

published as (

    select

        ---------- keys
        segments.customer_id,

        ---------- segment
        segments.segment_id,
        segments.segment_name,

        ---------- spend
        segments.monetary,

        ---------- lineage
        segments.model_version,
        segments.as_of,
        run.run_at

    from segments
    cross join run

)

select * from published

{% endsnapshot %}
