{#
    Whether a table of customers to forget is mapped. Asked of the setting as it is written: reading it resolves
    the table, which is for stg_forgotten alone.
#}
{% macro forgets() %}
    {{ return(relation_as_written('forget') is not none) }}
{% endmacro %}


{#
    Columns of a judged line that go when its customer is to be forgotten: all but the verdict and the day, by
    which transaction_lines knows whether the line is read again.
#}
{% macro columns_to_forget() %}
    {{ return([
        'customer_id', 'order_id', 'line_id', 'product_id', 'category', 'channel', 'country', 'quantity', 'unit_price',
        'amount', 'line_cost', 'is_return', 'ordered_at_text', 'quantity_text', 'unit_price_text'
    ]) }}
{% endmacro %}


{# Condition: whatever else is wrong with a row, its customer has consented, and has not asked to be forgotten. #}
{% macro may_be_shown(reject_reason) -%}
    {%- if forgets() -%}
        ({{ reject_reason }} is null or {{ reject_reason }} not in ('no_consent', 'forgotten'))
    {%- else -%}
        {{ reject_reason }} is distinct from 'no_consent'
    {%- endif -%}
{%- endmacro %}
