{# Records (structs), which engines write in ways of their own. #}

{# A record of named expressions; `fields` is a mapping of name to expression, in the order of the fields. #}
{% macro record_of(fields) %}
    {{ return(adapter.dispatch('record_of', 'customer_segmentation')(fields)) }}
{% endmacro %}

{% macro default__record_of(fields) -%}
    struct_pack({% for name, expression in fields.items() %}{{ name }} := {{ expression }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro spark__record_of(fields) -%}
    named_struct({% for name, expression in fields.items() %}'{{ name }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{# The type of a record; `fields` is a mapping of name to type. #}
{% macro record_type(fields) %}
    {{ return(adapter.dispatch('record_type', 'customer_segmentation')(fields)) }}
{% endmacro %}

{% macro default__record_type(fields) -%}
    struct({% for name, type in fields.items() %}{{ name }} {{ type }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro spark__record_type(fields) -%}
    struct<{% for name, type in fields.items() %}{{ name }}: {{ type }}{{ ', ' if not loop.last }}{% endfor %}>
{%- endmacro %}


{# A field of a record that is a column, not of one in a lambda: there `record.field` is the same everywhere. #}
{% macro field(record, name) %}
    {{ return(adapter.dispatch('field', 'customer_segmentation')(record, name)) }}
{% endmacro %}

{% macro default__field(record, name) -%}
    struct_extract({{ record }}, '{{ name }}')
{%- endmacro %}

{% macro spark__field(record, name) -%}
    {{ record }}.{{ name }}
{%- endmacro %}


{# Columns of a select: a row for each record of a list, and a column for each of the named fields. #}
{% macro unnested_records(list, names) %}
    {{ return(adapter.dispatch('unnested_records', 'customer_segmentation')(list, names)) }}
{% endmacro %}

{% macro default__unnested_records(list, names) -%}
    unnest({{ list }}, recursive := true)
{%- endmacro %}

{% macro spark__unnested_records(list, names) -%}
    inline({{ list }}) as ({{ names | join(', ') }})
{%- endmacro %}
