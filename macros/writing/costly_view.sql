{#
    Materialization of a view that is long and lies under others: a table on Spark, which lays views out in the plan of
    every statement that reads them, until it plans for longer than it works.
#}
{% macro costly_view() %}
    {{ return(adapter.dispatch('costly_view', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__costly_view() %}
    {{ return('view') }}
{% endmacro %}

{% macro spark__costly_view() %}
    {{ return('table') }}
{% endmacro %}
