{# Replaceable rule: whether a line takes something back. Override it in your project to change it. #}
{% macro is_return() %}
    {{ return(adapter.dispatch('is_return', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__is_return() -%}
    {{ return(setting('is_return')) }}
{%- endmacro %}
