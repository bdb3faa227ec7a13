{{ config(
    enabled=remembers_lines(),
    materialized='incremental', incremental_strategy='append',
    pre_hook='{{ forget_lines() }}', post_hook='{{ judge_lines_again() }}'
) }}

{%- set first_day = first_day_to_load() -%}
{%- set may_change = requires_consent() or setting('lookback_days') is not none %}
{%- set judged_again -%}
    case
        when earlier.line_id is not null and {{ is_usable('lines.reject_reason') }} then 'duplicate_line'
        else lines.reject_reason
    end
{%- endset %}

{% if requires_consent() -%}
-- depends_on: {{ ref('stg_customers') }}
{% endif -%}
{% if forgets() -%}
-- depends_on: {{ ref('stg_forgotten') }}
{% endif -%}
with

lines as (

    select * from {{ ref('stg_transactions') }}
    {%- if first_day is not none %}
        where {{ is_to_load(first_day) }}
    {%- endif %}

),

{%- if first_day is not none and setting('line_id') is not none %}

    -- The earliest usable copy of a line is the one to keep, and no earlier day is read again.
    earlier as (

        select distinct line_id from {{ this }}
        where line_id is not null
            and ordered_at < {{ timestamp_literal(first_day) }}
            and {{ is_usable('reject_reason') }}

    ),

    judged as (

        select {{ columns_replaced({'reject_reason': judged_again}, 'lines') }}
        from lines
        left join earlier
            on lines.line_id = earlier.line_id

    ),
{%- else %}

    judged as (

        select * from lines

    ),
{%- endif %}

remembered as (

    select

        ---------- keys
        customer_id,
        order_id,
        line_id,
        product_id,

        ---------- dimensions
        category,
        channel,
        country,

        ---------- when
        ordered_at,

        ---------- measures
        quantity,
        unit_price,
        amount,
        line_cost,
        is_return,

        ---------- the verdict
        reject_reason,

        ---------- as they came, where it may be asked for
        {% for name in ['ordered_at_text', 'quantity_text', 'unit_price_text'] -%}
            {{ name if may_change else 'case when reject_reason is not null then ' ~ name ~ ' end as ' ~ name }},
        {% endfor %}
        ---------- the run
        {{ loading_moment() }} as loaded_at,
        '{{ judging_digest() if execute }}' as settings_digest

    from judged

)

select * from remembered
