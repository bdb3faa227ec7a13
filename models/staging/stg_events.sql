{{ config(pre_hook="{{ check_mapping('events') if has_events() else '' }}") }}

with

{%- if has_events() %}

    raw as (

        select * from {{ setting('events') }}

    ),

    typed as (

        select

            ---------- keys
            {{ pseudonym(id_text(safely(setting('event_customer_id')))) }} as customer_id,

            ---------- what it is
            {% if setting('event_type') is not none -%}
                {{ id_text(safely(setting('event_type'))) }} as event_type,
            {%- else -%}
                cast(null as string) as event_type,
            {%- endif %}

            ---------- when
            {{ to_utc_timestamp(safely(setting('event_at'))) }} as event_at,

            ---------- why it may be missing
            {{ is_blank(safely(setting('event_at'))) }} as has_no_date

        from raw

    ),

    judged as (

        select
            events.*,
            case
                when events.customer_id is null then 'missing_customer'
                {%- if forgets() %}
                    when events.customer_id in (select customer_id from {{ ref('stg_forgotten') }}) then 'forgotten'
                {%- endif %}
                when events.event_at is null and events.has_no_date then 'missing_date'
                when events.event_at is null then 'unparsable_date'
                when events.event_at < {{ timestamp_literal(setting('earliest_order_date')) }} then 'date_too_early'
                {%- if requires_consent() %}
                    when consenting.customer_id is null then 'no_consent'
                {%- endif %}
            end as reject_reason
        from typed as events
        {%- if requires_consent() %}
            left join {{ ref('stg_customers') }} as consenting
                on events.customer_id = consenting.customer_id
        {%- endif %}

    ),

    -- Of whoever has not consented, or is to be forgotten, nothing leaves staging but that there was an event.
    final as (

        select
            case when {{ may_be_shown('reject_reason') }} then customer_id end as customer_id,
            case when {{ may_be_shown('reject_reason') }} then event_type end as event_type,
            case when {{ may_be_shown('reject_reason') }} then event_at end as event_at,
            reject_reason
        from judged

    )
{%- else %}

    final as (

        select
            cast(null as string) as customer_id,
            cast(null as string) as event_type,
            cast(null as timestamp) as event_at,
            cast(null as string) as reject_reason
        where false

    )
{%- endif %}

select * from final
