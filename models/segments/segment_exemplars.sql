{{ config(materialized='table') }}

{%- set told = ['customer_id', 'distance', 'membership', 'runner_up_segment_id', 'model_version'] %}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

measured as (

    select
        *,
        -- Segment 0 has no centre: typical of it is who is farthest from every other.
        case when segment_id = 0 then -distance else distance end as remoteness
    from assignments

),

-- The border has to give as many again, since some of it may be among the typical ones.
firsts as (

    select
        segment_id,
        {{ smallest_rows(['remoteness'] + told, setting('exemplars')) }} as typical,
        {{ smallest_rows(
            ['membership', 'customer_id', 'distance', 'runner_up_segment_id', 'model_version'],
            2 * setting('exemplars'), 'runner_up_segment_id is not null'
        ) }} as borderline
    from measured
    group by segment_id

),

{%- for kind in ['typical', 'borderline'] %}

    {{ kind }}_structs as (

        select
            segment_id,
            {{ unnested([(kind, 'customer'), (positions(kind), 'position')]) }}
        from firsts

    ),

    {{ kind }}_customers as (

        select
            segment_id,
            position,
            {{ field('customer', 'customer_id') }} as customer_id,
            {{ field('customer', 'distance') }} as distance,
            {{ field('customer', 'membership') }} as membership,
            {{ field('customer', 'runner_up_segment_id') }} as runner_up_segment_id,
            {{ field('customer', 'model_version') }} as model_version
        from {{ kind }}_structs

    ),
{%- endfor %}

-- Nobody is both: in a small segment the typical ones come first.
chosen as (

    select
        segment_id,
        'typical' as kind,
        position,
        {{ told | join(', ') }}
    from typical_customers

    union all

    select
        border.segment_id,
        'borderline' as kind,
        row_number() over (partition by border.segment_id order by border.position) as position,
        border.{{ told | join(', border.') }}
    from borderline_customers as border
    left join typical_customers as typical
        on border.customer_id = typical.customer_id
    where typical.customer_id is null
    qualify row_number() over (partition by border.segment_id order by border.position) <= {{ setting('exemplars') }}

),

exemplars as (

    select

        ---------- keys
        cast(chosen.segment_id as integer) as segment_id,
        chosen.kind,
        cast(chosen.position as integer) as position,

        ---------- who
        names.segment_name,
        chosen.customer_id,

        ---------- how clear the case is
        chosen.distance,
        chosen.membership,
        cast(chosen.runner_up_segment_id as integer) as runner_up_segment_id,
        runner_up_names.segment_name as runner_up_segment_name,

        ---------- marketing RFM
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary,
        rfm.rfm_segment,

        ---------- lineage
        chosen.model_version,
        rfm.as_of

    from chosen
    inner join rfm
        on chosen.customer_id = rfm.customer_id
    inner join names
        on chosen.segment_id = names.segment_id
    left join names as runner_up_names
        on chosen.runner_up_segment_id = runner_up_names.segment_id

)

select * from exemplars
