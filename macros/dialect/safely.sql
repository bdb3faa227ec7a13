{#
    The expression, or null on the rows where it fails: a bad row never stops a build. DuckDB's try()
    takes no subquery, so an expression with one goes unprotected. A plain column cannot fail, and
    costs a copy of all its values inside try().
#}
{% macro safely(expression) %}
    {#- a setting of the wrong type must get as far as check_settings() -#}
    {{ return(adapter.dispatch('safely', 'customer_segmentation')(expression | string)) }}
{% endmacro %}

{% macro default__safely(expression) -%}
    {%- if modules.re.search('\\bselect\\b', expression, modules.re.IGNORECASE) -%}
        ({{ expression }})
    {%- elif modules.re.match('[a-z_][a-z0-9_]*$', expression | trim, modules.re.IGNORECASE) -%}
        {{ expression }}
    {%- else -%}
        try({{ expression }})
    {%- endif -%}
{%- endmacro %}

{#- Spark gives null by itself, where the session has spark.sql.ansi.enabled off. #}
{% macro spark__safely(expression) -%}
    {%- if modules.re.match('[a-z_][a-z0-9_]*$', expression | trim, modules.re.IGNORECASE) -%}
        {{ expression }}
    {%- else -%}
        ({{ expression }})
    {%- endif -%}
{%- endmacro %}
