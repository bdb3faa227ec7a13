{%- set is_mapped = setting('overrides') is not none -%}

{{ config(
    pre_hook="{{ check_columns('overrides', ['customer_id', 'segment_id', 'reason', 'expires_on']) }}"
        if is_mapped else []
) }}

with

{% if is_mapped -%}
    raw as (

        select * from {{ setting('overrides') }}

    ),
{%- else -%}
    -- nothing is mapped: the same table, without rows
    raw as (

        select
            cast(null as string) as customer_id,
            cast(null as string) as segment_id,
            cast(null as string) as reason,
            cast(null as string) as expires_on
        where false

    ),
{%- endif %}

typed as (

    select

        ---------- keys
        {{ pseudonym(id_text('customer_id')) }} as customer_id,
        {{ segment_id_of('segment_id') }} as segment_id,

        ---------- why and how long
        {{ trimmed('cast(reason as string)') }} as reason,
        cast({{ to_utc_timestamp('cast(expires_on as string)') }} as date) as expires_on,

        ---------- as they came, for the reader of a refusal
        cast(segment_id as string) as segment_id_text,
        {{ trimmed('cast(expires_on as string)') }} as expires_on_text

    from raw

)

select * from typed
{%- if forgets() %}
    where customer_id is null
        or customer_id not in (select customer_id from {{ ref('stg_forgotten') }})
{%- endif %}
