{{ config(materialized=table_that_reads_itself() if remembers_lines() else 'table') }}

{%- set updates = knows_older_lines() %}

with

{%- if updates %}

    changed as (

        {{ changed_keys(['customer_id', 'order_id'], 'last_line_at') }}

    ),

    -- Of the orders only those with a changed line are added up again, of the rejected lines all.
    judged as (

        select lines.*
        from {{ judged_lines() }} as lines
        inner join changed
            on lines.customer_id = changed.customer_id
                and lines.order_id = changed.order_id
        where lines.reject_reason is null

        union all

        select * from {{ judged_lines() }}
        where reject_reason is not null

    ),

    unchanged as (

        select before.*
        from {{ this }} as before
        left join changed
            on before.customer_id = changed.customer_id
                and before.order_id = changed.order_id
        where before.reject_reason is null and changed.customer_id is null

    ),
{%- else %}

    judged as (

        select * from {{ judged_lines() }}

    ),
{%- endif %}

lines as (

    select
        *,
        case when reject_reason is null then customer_id end as kept_customer_id,
        -- a kept line always has a customer, a rejected one needs no order: two keys are cheaper than three
        coalesce(reject_reason, order_id) as reason_or_order
    from judged

),

-- The one full pass over the input that audit and orders share. Rejected lines need no order, so
-- they collapse to one row a reason.
grouped as (

    select
        kept_customer_id as customer_id,
        reason_or_order,
        max(ordered_at) as last_line_at,
        {%- if remembers_lines() %}
            max(loaded_at) as loaded_at,
        {%- endif %}
        max(case when not is_return then ordered_at end) as last_purchase_line_at,
        count(*) as lines,
        count(case when not is_return then 1 end) as purchase_lines,
        sum(case when not is_return then quantity end) as items,
        {%- if setting('country') is not none %}
            min(country) as country,
        {%- endif %}
        {%- if setting('cost') is not none %}
            coalesce(sum(line_cost), 0) as net_cost,
            count(case when line_cost is null then 1 end) as lines_without_cost,
        {%- endif %}
        coalesce(sum(case when not is_return then amount end), 0) as purchased_amount,
        coalesce(-sum(case when is_return then amount end), 0) as returned_amount
    from lines
    group by
        kept_customer_id,
        reason_or_order

),

ledger as (

    select

        ---------- keys
        case when customer_id is null then reason_or_order end as reject_reason,
        customer_id,
        case when customer_id is not null then reason_or_order end as order_id,

        ---------- when
        last_line_at,
        last_purchase_line_at,
        {%- if remembers_lines() %}
            loaded_at,
        {%- endif %}

        ---------- dimensions
        {{ 'country' if setting('country') is not none else 'cast(null as string) as country' }},

        ---------- counts
        lines,
        purchase_lines,

        ---------- measures
        items,
        purchased_amount - returned_amount as amount,
        purchased_amount,
        returned_amount,
        {% if setting('cost') is not none -%}
            net_cost,
            lines_without_cost
        {%- else -%}
            cast(0 as decimal(38, 4)) as net_cost,
            lines as lines_without_cost
        {%- endif %}

    from grouped

)

select * from ledger
{%- if updates %}

union all

select * from unchanged
{%- endif %}
