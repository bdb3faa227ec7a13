{# A double with so many decimals; a half goes away from zero. #}
{% macro rounded(expression, decimals) %}
    {{ return(adapter.dispatch('rounded', 'customer_segmentation')(expression, decimals)) }}
{% endmacro %}

{% macro default__rounded(expression, decimals) -%}
    round({{ expression }}, {{ decimals }})
{%- endmacro %}

{# Spark rounds the shortest decimal text of a double, and others the double itself: of 1.005 that makes 1.01 or 1.00. #}
{% macro spark__rounded(expression, decimals) -%}
    (round(({{ expression }}) * 1e{{ decimals }}) / 1e{{ decimals }})
{%- endmacro %}
