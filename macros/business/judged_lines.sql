{#
    Whether judged lines are remembered from run to run. What is neither true nor false counts as false until
    check_settings() has named it: dbt would first miss the disabled model.
#}
{% macro remembers_lines() %}
    {{ return(setting('incremental') == true) }}
{% endmacro %}


{# The relation with all judged lines: the view on your table, or the table that remembers those of earlier runs. #}
{% macro judged_lines() %}
    {{ return(ref('customer_segmentation', 'transaction_lines' if remembers_lines() else 'stg_transactions')) }}
{% endmacro %}


{# Condition: the reason, if any, is none of those for which a line is of no use, whatever its copies. #}
{% macro is_usable(reject_reason) -%}
    {%- set reasons = reject_reasons() | map(attribute='name') | list -%}
    (
        {{ reject_reason }} is null
        or {{ reject_reason }} in ('{{ reasons[reasons.index('duplicate_line'):] | join("', '") }}')
    )
{%- endmacro %}


{#
    Pre-hook of transaction_lines: forgets the lines that the run reads anew, so that corrected lines replace
    their former selves and deleted ones are gone.
#}
{% macro forget_lines() %}
    {% if execute and not flags.EMPTY %}
        {% if 'model.customer_segmentation.stg_transactions' not in selected_resources %}
            {% do stop_with([
                'transaction_lines is selected without stg_transactions, which says what this run reads: '
                ~ 'select +transaction_lines.'
            ]) %}
        {% endif %}
        {% if is_incremental() %}
            {% set first_day = first_day_to_load() %}
            {{ return(delete_rows(this, 'true' if first_day is none else is_to_load(first_day))) }}
        {% endif %}
    {% endif %}
{% endmacro %}


{#
    Post-hook of transaction_lines: the verdicts that change with time for lines of any age. A customer may have
    given or withdrawn consent since, or asked to be forgotten, and the window of segmentation_lookback_days moves.
#}
{% macro judge_lines_again() -%}
    {%- if execute and not flags.EMPTY -%}
        {%- set now = loading_moment() -%}
        {%- if forgets() -%}
            {%- set forgotten = 'customer_id in (select customer_id from ' ~ ref('customer_segmentation', 'stg_forgotten') ~ ')' -%}
            {%- set nameless = {} -%}
            {%- for name in columns_to_forget() -%}
                {%- do nameless.update({name: 'null'}) -%}
            {%- endfor -%}
            {%- do nameless.update({
                'ordered_at': dbt.date_trunc('day', 'ordered_at'), 'reject_reason': "'forgotten'", 'loaded_at': now,
            }) -%}
            {{ update_rows(this, nameless, forgotten) }}
        {%- endif -%}
        {%- if requires_consent() -%}
            {%- set consenting = 'customer_id in (select customer_id from ' ~ ref('customer_segmentation', 'stg_customers') ~ ')' %}
            {{ update_rows(
                this, {'reject_reason': "'no_consent'", 'loaded_at': now},
                "(reject_reason is null or reject_reason = 'outside_lookback') and not " ~ consenting
            ) }}
            {{ update_rows(
                this, {'reject_reason': 'null', 'loaded_at': now}, "reject_reason = 'no_consent' and " ~ consenting
            ) }}
        {%- endif -%}
        {%- if setting('lookback_days') is not none -%}
            {%- set kept_but_for_age = "(reject_reason is null or reject_reason = 'outside_lookback')" -%}
            {%- set is_old = 'ordered_at < ' ~ lookback_start(this, kept_but_for_age) %}
            {{ update_rows(
                this, {'reject_reason': 'case when ' ~ is_old ~ " then 'outside_lookback' end", 'loaded_at': now},
                kept_but_for_age ~ ' and (reject_reason is not null) != (' ~ is_old ~ ')'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# When the run loads its lines: the same moment for all of them. #}
{% macro loading_moment() -%}
    {{ timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) }}
{%- endmacro %}
