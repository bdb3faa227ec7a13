{#
    Aggregate: the sum of doubles, added in the order of a key that no two rows of a group share: the last digit
    depends on the order. Nulls are left out; null without a number.
#}
{% macro ordered_sum(expression, order_by) %}
    {{ return(adapter.dispatch('ordered_sum', 'customer_segmentation')(expression, order_by)) }}
{% endmacro %}

{% macro default__ordered_sum(expression, order_by) -%}
    sum({{ expression }} order by {{ order_by }})
{%- endmacro %}

{% macro spark__ordered_sum(expression, order_by) -%}
    case when count({{ expression }}) > 0 then {{ list_total(collected(expression, order_by)) }} end
{%- endmacro %}
