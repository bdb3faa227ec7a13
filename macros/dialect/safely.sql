{#
    The expression, or null on the rows where it fails: a bad row never stops a build. DuckDB's try()
    takes no subquery, so an expression with one goes unprotected.
#}
{% macro safely(expression) %}
    {{ return(adapter.dispatch('safely', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__safely(expression) -%}
    {%- if modules.re.search('\\bselect\\b', expression, modules.re.IGNORECASE) -%}
        ({{ expression }})
    {%- else -%}
        try({{ expression }})
    {%- endif -%}
{%- endmacro %}
