{# The whole row of a relation as one comparable value. #}
{% macro row_as_value(relation_alias) %}
    {{ return(adapter.dispatch('row_as_value', 'customer_segmentation')(relation_alias)) }}
{% endmacro %}

{% macro default__row_as_value(relation_alias) -%}
    {{ relation_alias }}
{%- endmacro %}

{% macro spark__row_as_value(relation_alias) -%}
    struct({{ relation_alias }}.*)
{%- endmacro %}
