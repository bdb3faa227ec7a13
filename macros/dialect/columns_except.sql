{#
    All columns of the relation but the named ones, whether or not it has them. The relation
    needs one column that is never named: a star that matches nothing is an error. `source` is the table on
    which depends which of them it has; without one it has them all.
#}
{% macro columns_except(names, source=none) %}
    {{ return(adapter.dispatch('columns_except', 'customer_segmentation')(names, source)) }}
{% endmacro %}

{% macro default__columns_except(names, source) -%}
    columns(lambda name: lower(name) not in ('{{ names | join("', '") }}'))
{%- endmacro %}

{#- Spark takes no name that is not there, so the table is asked. #}
{% macro spark__columns_except(names, source) -%}
    {%- set there = names -%}
    {%- if source is not none and execute -%}
        {%- set found = get_columns_in_query('select * from ' ~ source) | map('lower') | list -%}
        {%- set there = names | select('in', found) | list -%}
    {%- endif -%}
    * {%- if there %} except ({{ there | join(', ') }}){% endif %}
{%- endmacro %}
