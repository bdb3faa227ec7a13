{# The expression, or null on the rows where it fails: a bad row never stops a build. #}
{% macro safely(expression) %}
    {{ return(adapter.dispatch('safely', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__safely(expression) -%}
    try({{ expression }})
{%- endmacro %}
