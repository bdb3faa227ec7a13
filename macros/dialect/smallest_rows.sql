{#
    Aggregate: the list of the first rows by the columns in their order, at most so many, of those that meet the
    condition; each row is a struct of the columns. Name a key among them, so that the list does not depend
    on the order of the rows. Only so many rows are kept, where a ranking would sort them all.
#}
{% macro smallest_rows(columns, number, condition='true') %}
    {{ return(adapter.dispatch('smallest_rows', 'customer_segmentation')(columns, number, condition)) }}
{% endmacro %}

{% macro default__smallest_rows(columns, number, condition) -%}
    min(
        struct_pack({% for column in columns %}{{ column }} := {{ column }}{{ ', ' if not loop.last }}{% endfor %}),
        {{ number }}
    ) filter (where {{ condition }})
{%- endmacro %}

{#- In a record of Spark's a null is smaller than any value. #}
{% macro spark__smallest_rows(columns, number, condition) -%}
    {%- set row = {} -%}
    {%- set order = {} -%}
    {%- for column in columns -%}
        {%- do row.update({column: column}) -%}
        {%- do order.update({'has_no_' ~ column: column ~ ' is null', column: column}) -%}
    {%- endfor -%}
    min_by({{ record_of(row) }}, {{ record_of(order) }}, {{ number }}) filter (where {{ condition }})
{%- endmacro %}
