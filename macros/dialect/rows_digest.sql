{# Aggregate: an md5 of all rows of the relation, in the order of a key that no two rows share. #}
{% macro rows_digest(relation_alias, key) %}
    {{ return(adapter.dispatch('rows_digest', 'customer_segmentation')(relation_alias, key)) }}
{% endmacro %}

{% macro default__rows_digest(relation_alias, key) -%}
    md5(string_agg(md5(cast({{ row_as_value(relation_alias) }} as string)), '' order by {{ key }}))
{%- endmacro %}

{% macro spark__rows_digest(relation_alias, key) -%}
    md5(listagg(md5({{ row_as_json(relation_alias) }}), '') within group (order by {{ key }}))
{%- endmacro %}
