{# Aggregate: texts joined by a separator in the order given; nulls are left out, null without texts. #}
{% macro joined_text(expression, order_by, separator) %}
    {{ return(adapter.dispatch('joined_text', 'customer_segmentation')(expression, order_by, separator)) }}
{% endmacro %}

{% macro default__joined_text(expression, order_by, separator) -%}
    string_agg({{ expression }}, {{ separator }} order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_text(expression, order_by, separator) -%}
    listagg({{ expression }}, {{ separator }}) within group (order by {{ order_by }} nulls last)
{%- endmacro %}
