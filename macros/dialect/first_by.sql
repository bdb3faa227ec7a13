{#
    Aggregate: the value with the smallest key among the rows that meet the condition, ties to the
    smallest value, so that the result never depends on the order of the rows.
#}
{% macro first_by(value, key, condition) %}
    {{ return(adapter.dispatch('first_by', 'customer_segmentation')(value, key, condition)) }}
{% endmacro %}

{% macro default__first_by(value, key, condition) -%}
    min(case when {{ condition }} then struct_pack(key := {{ key }}, value := {{ value }}) end).value
{%- endmacro %}
