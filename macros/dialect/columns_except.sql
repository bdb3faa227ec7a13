{#
    All columns of the relation but the named ones, whether or not it has them. The relation
    needs one column that is never named: a star that matches nothing is an error.
#}
{% macro columns_except(names) %}
    {{ return(adapter.dispatch('columns_except', 'customer_segmentation')(names)) }}
{% endmacro %}

{% macro default__columns_except(names) -%}
    columns(lambda name: lower(name) not in ('{{ names | join("', '") }}'))
{%- endmacro %}
