{{ config(materialized='table', pre_hook="{{ check_mapping('campaigns') if has_campaigns() else '' }}") }}

with

{%- if has_campaigns() %}

    raw as (

        select * from {{ setting('campaigns') }}

    ),

    typed as (

        select

            ---------- keys
            {{ id_text(safely(setting('campaign_id'))) }} as campaign_id,
            {{ pseudonym(id_text(safely(setting('campaign_customer_id')))) }} as customer_id,

            ---------- when
            {% if setting('campaign_contacted_at') is not none -%}
                {{ to_utc_timestamp(safely(setting('campaign_contacted_at'))) }} as contacted_at,
            {%- else -%}
                cast(null as timestamp) as contacted_at,
            {%- endif %}

            ---------- the answer
            coalesce({{ safely(setting('campaign_responded_when')) }}, false) as has_responded

        from raw

    ),

    judged as (

        select
            typed.*,
            case
                when typed.customer_id is null then 'missing_customer'
                {%- if forgets() %}
                    when typed.customer_id in (select customer_id from {{ ref('stg_forgotten') }}) then 'forgotten'
                {%- endif %}
                when typed.campaign_id is null then 'missing_campaign'
                {%- if requires_consent() %}
                    when consenting.customer_id is null then 'no_consent'
                {%- endif %}
                when typed.contacted_at > {{ latest_order_date() }} then 'date_after_as_of'
            end as reject_reason
        from typed
        {%- if requires_consent() %}
            left join {{ ref('stg_customers') }} as consenting
                on typed.customer_id = consenting.customer_id
        {%- endif %}

    ),

    -- Rejected rows need no campaign, so they collapse to one row a reason; and of whoever has not
    -- consented nothing leaves staging but that there was a contact.
    final as (

        select

            ---------- keys
            reject_reason,
            case when reject_reason is null then campaign_id end as campaign_id,
            case when reject_reason is null then customer_id end as customer_id,

            ---------- when
            min(case when reject_reason is null then contacted_at end) as contacted_at,

            ---------- the answer
            bool_or(has_responded and reject_reason is null) as has_responded,

            ---------- counts
            count(*) as input_rows

        from judged
        group by
            reject_reason,
            case when reject_reason is null then campaign_id end,
            case when reject_reason is null then customer_id end

    )
{%- else %}

    final as (

        select
            cast(null as string) as reject_reason,
            cast(null as string) as campaign_id,
            cast(null as string) as customer_id,
            cast(null as timestamp) as contacted_at,
            cast(null as boolean) as has_responded,
            cast(null as bigint) as input_rows
        where false

    )
{%- endif %}

select * from final
