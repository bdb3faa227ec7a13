{# The whole row of a relation as JSON text, every double with all its digits. #}
{% macro row_as_json(relation_alias) %}
    {{ return(adapter.dispatch('row_as_json', 'customer_segmentation')(relation_alias)) }}
{% endmacro %}

{% macro default__row_as_json(relation_alias) -%}
    cast(to_json({{ relation_alias }}) as string)
{%- endmacro %}

{#- Spark leaves out what is null, and writes timestamps with a T and a zone. #}
{% macro spark__row_as_json(relation_alias) -%}
    to_json(
        struct({{ relation_alias }}.*),
        map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS')
    )
{%- endmacro %}
