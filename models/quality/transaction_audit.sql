{{ config(materialized='table', post_hook=hook_on_what_is_kept('{{ stop_on_failed_audit() }}')) }}

{#- a setting of the wrong type must get as far as check_settings() -#}
{%- set fail_shares = setting('reason_fail_shares') if setting('reason_fail_shares') is mapping else {} -%}
{%- set stale_after = 'null' if setting('max_staleness_days') is none else setting('max_staleness_days') -%}
{%- set needed_customers = setting('min_customers') or (setting('k') or setting('k_min')) | int + 1 -%}

with

ledger as (

    select * from {{ ref('transaction_ledger') }}

),

observation as (

    select * from {{ ref('observation_window') }}

),

reasons as (

    {%- for reason in reject_reasons() %}
        select
            {{ loop.index }} as position,
            '{{ reason.name }}' as reject_reason,
            '{{ reason.kind }}' as kind,
            '{{ reason.meaning }}' as meaning,
            cast({{ fail_shares.get(reason.name, 'null') }} as double) as threshold
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

),

rejected as (

    select
        reasons.position,
        reasons.reject_reason,
        reasons.kind,
        reasons.meaning,
        reasons.threshold,
        coalesce(ledger.lines, 0) as lines,
        coalesce(ledger.amount, 0) as amount
    from reasons
    left join ledger
        on reasons.reject_reason = ledger.reject_reason

),

most_frequent as (

    select
        reject_reason,
        meaning,
        lines
    from rejected
    order by lines desc, position asc
    limit 1

),

customers as (

    select
        customer_id,
        sum(lines) as lines,
        sum(amount) as amount,
        count(case when purchase_lines > 0 then 1 end) as orders
    from ledger
    where reject_reason is null
    group by customer_id

),

base as (

    select
        count(case when orders > 0 then 1 end) as buyers,
        count(case when orders > 1 then 1 end) as repeat_buyers,
        coalesce(sum(case when orders = 0 then lines end), 0) as lines_without_purchase,
        coalesce(sum(case when orders = 0 then amount end), 0) as amount_without_purchase
    from customers

),

totals as (

    select
        coalesce(sum(lines), 0) as lines,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(case when reject_reason is null then lines end), 0) as kept_lines,
        coalesce(sum(case when reject_reason is null then amount end), 0) as kept_amount
    from ledger

),

defects as (

    select
        sum(lines) as lines,
        sum(amount) as amount
    from rejected
    where kind = 'defect'

),

-- One row of facts for the checks that look at everything at once.
facts as (

    select
        totals.lines,
        totals.amount,
        totals.kept_lines,
        totals.kept_amount,
        defects.lines as defect_lines,
        defects.amount as defect_amount,
        base.buyers,
        base.repeat_buyers,
        base.lines_without_purchase,
        base.amount_without_purchase,
        most_frequent.reject_reason as most_frequent_reason,
        most_frequent.meaning as most_frequent_meaning,
        most_frequent.lines as most_frequent_lines,
        observation.last_order_at,
        {{ whole_days('observation.first_order_at', 'observation.as_of') }} as history_days,
        {{ whole_days('observation.last_order_at', timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S'))) }}
            as staleness_days
    from totals
    cross join defects
    cross join base
    cross join most_frequent
    cross join observation

),

checks as (

    select
        100 as position,
        'input_has_lines' as check_name,
        'error' as severity,
        case when lines = 0 then 1 else 0 end as rows_failed,
        lines as rows_checked,
        0 as amount_failed,
        amount as amount_checked,
        1 as threshold,
        lines = 0 as is_failed,
        'The relation in segmentation_transactions has no rows: point it at a table that has some.' as message
    from facts

    union all

    select
        101 as position,
        'some_lines_are_usable' as check_name,
        'error' as severity,
        lines - kept_lines as rows_failed,
        lines as rows_checked,
        amount - kept_amount as amount_failed,
        amount as amount_checked,
        1 as threshold,
        lines > 0 and kept_lines = 0 as is_failed,
        'None of the ' || lines || ' lines is usable, most often because of ' || most_frequent_meaning || ' ('
        || most_frequent_reason || ', ' || most_frequent_lines
        || ' lines): correct the mapping in the segmentation_ vars and look into rejected_transactions.' as message
    from facts

    union all

    {% for level, severity in [('fail', 'error'), ('warn', 'warn')] -%}
        {%- set name = 'rejected_' ~ level ~ '_share' -%}
        select
            {{ loop.index + 101 }} as position,
            'rejected_share_{{ level }}' as check_name,
            '{{ severity }}' as severity,
            defect_lines as rows_failed,
            lines as rows_checked,
            defect_amount as amount_failed,
            amount as amount_checked,
            {{ setting(name) }} as threshold,
            kept_lines > 0 and defect_lines > {{ setting(name) }} * lines
            {%- if level == 'warn' %}
                and defect_lines <= {{ setting('rejected_fail_share') }} * lines
            {%- endif %} as is_failed,
            defect_lines || ' of ' || lines || ' lines are unusable, more than the share of {{ setting(name) }} in '
            || 'segmentation_{{ name }}, most often because of ' || most_frequent_meaning || ' ('
            || most_frequent_reason || '): look into rejected_transactions, mend the input or raise the limit.'
                as message
        from facts

        union all

    {% endfor -%}
    select
        104 as position,
        'enough_customers' as check_name,
        'error' as severity,
        greatest({{ needed_customers }} - buyers, 0) as rows_failed,
        buyers as rows_checked,
        0 as amount_failed,
        kept_amount as amount_checked,
        {{ needed_customers }} as threshold,
        kept_lines > 0 and buyers < {{ needed_customers }} as is_failed,
        {% if setting('min_customers') is not none -%}
            'segmentation_min_customers is {{ setting("min_customers") }}, but only ' || buyers
            || ' customers have a valid order: give more data or lower it.'
        {%- elif setting('k') is not none -%}
            'segmentation_k is {{ setting("k") }}, but only ' || buyers
            || ' customers have a valid order: '
            || case when buyers > 2 then 'lower segmentation_k to at most ' || (buyers - 1) || ' or ' else '' end
            || 'give more data.'
        {%- else -%}
            'segmentation_k_min is {{ setting("k_min") }}, but only ' || buyers
            || ' customers have a valid order: that is too few to segment, give more data.'
        {%- endif %} as message
    from facts

    union all

    select
        105 as position,
        'some_customer_bought_twice' as check_name,
        'warn' as severity,
        case when repeat_buyers = 0 then buyers else 0 end as rows_failed,
        buyers as rows_checked,
        0 as amount_failed,
        kept_amount as amount_checked,
        1 as threshold,
        kept_lines > 0 and repeat_buyers = 0 as is_failed,
        'Nobody bought twice, so frequency tells customers apart in no way: check that segmentation_order_id '
        || 'names the order and segmentation_customer_id the customer.' as message
    from facts

    union all

    select
        106 as position,
        'enough_history' as check_name,
        'warn' as severity,
        case when history_days < {{ setting('min_history_days') }} then 1 else 0 end as rows_failed,
        history_days as rows_checked,
        0 as amount_failed,
        kept_amount as amount_checked,
        {{ setting('min_history_days') }} as threshold,
        history_days < {{ setting('min_history_days') }} as is_failed,
        'The lines span ' || history_days || ' days, fewer than segmentation_min_history_days = '
        || '{{ setting("min_history_days") }}: recency and frequency say little yet; give more history or lower it.'
            as message
    from facts

    union all

    select
        107 as position,
        'orders_are_fresh' as check_name,
        {{ "'info'" if setting('max_staleness_days') is none else "'error'" }} as severity,
        case when staleness_days > {{ stale_after }} then 1 else 0 end as rows_failed,
        staleness_days as rows_checked,
        0 as amount_failed,
        kept_amount as amount_checked,
        {{ stale_after }} as threshold,
        staleness_days > {{ stale_after }} as is_failed,
        'The last valid order is ' || staleness_days || ' days old, more than segmentation_max_staleness_days = '
        || '{{ stale_after }}: load newer transactions or raise it.' as message
    from facts

    union all

    select
        108 as position,
        'customers_without_purchase' as check_name,
        'info' as severity,
        lines_without_purchase as rows_failed,
        kept_lines as rows_checked,
        amount_without_purchase as amount_failed,
        kept_amount as amount_checked,
        null as threshold,
        false as is_failed,
        'Lines of customers who only returned: they have no valid order and belong to no segment.' as message
    from facts

    union all

    select
        109 as position,
        'kept_lines' as check_name,
        'info' as severity,
        lines - kept_lines as rows_failed,
        lines as rows_checked,
        amount - kept_amount as amount_failed,
        amount as amount_checked,
        null as threshold,
        false as is_failed,
        'Lines set aside for any reason; the others are kept.' as message
    from facts

    union all

    select
        rejected.position,
        rejected.reject_reason as check_name,
        case when rejected.threshold is null then 'info' else 'error' end as severity,
        rejected.lines as rows_failed,
        facts.lines as rows_checked,
        rejected.amount as amount_failed,
        facts.amount as amount_checked,
        rejected.threshold,
        coalesce(rejected.lines > rejected.threshold * facts.lines, false) as is_failed,
        rejected.lines || ' of ' || facts.lines || ' lines have ' || rejected.meaning
        || case
            when rejected.threshold is null then '.'
            else ', more than the share of ' || {{ as_text('rejected.threshold') }}
                || ' in segmentation_reason_fail_shares for ' || rejected.reject_reason
                || ': mend the input or raise the limit.'
        end as message
    from rejected
    cross join facts

),

audit as (

    select

        ---------- keys
        check_name,
        severity,
        cast(position as integer) as position,

        ---------- what was counted
        cast(rows_failed as bigint) as rows_failed,
        cast(amount_failed as decimal(38, 4)) as amount_failed,
        cast(amount_checked as decimal(38, 4)) as amount_checked,
        cast(threshold as double) as threshold,
        -- without a usable line there are no days to count
        cast(coalesce(rows_checked, 0) as bigint) as rows_checked,

        ---------- the verdict
        case when coalesce(is_failed, false) then severity else 'pass' end as status,
        coalesce(message, 'No line is usable, so there is nothing to look at.') as message

    from checks

)

select * from audit
