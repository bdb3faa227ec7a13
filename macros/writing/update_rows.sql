{#
    Statement: changes columns of the rows of a table that meet a condition, `values` a mapping of column to
    expression. Where rows cannot be changed, the table is written anew at once and nothing is left to run.
#}
{% macro update_rows(relation, values, condition) %}
    {{ return(adapter.dispatch('update_rows', 'customer_segmentation')(relation, values, condition)) }}
{% endmacro %}

{% macro default__update_rows(relation, values, condition) -%}
    update {{ relation }}
    set
        {%- for name, expression in values.items() %}
        {{ name }} = {{ expression }}{{ ',' if not loop.last }}
        {%- endfor %}
    where {{ condition }};
{%- endmacro %}

{% macro spark__update_rows(relation, values, condition) %}
    {% set rows %}
        select
            {%- for column in adapter.get_columns_in_relation(relation) %}
            cast({{ values.get(column.name, column.quoted) }} as {{ column.data_type }}) as {{ column.quoted }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        where {{ condition }}

        union all

        select * from {{ relation }}
        where not coalesce({{ condition }}, false)
    {% endset %}
    {% do write_anew(relation, rows) %}
{% endmacro %}


{# Statement: deletes the rows of a table that meet a condition, likewise. #}
{% macro delete_rows(relation, condition) %}
    {{ return(adapter.dispatch('delete_rows', 'customer_segmentation')(relation, condition)) }}
{% endmacro %}

{% macro default__delete_rows(relation, condition) -%}
    delete from {{ relation }} where {{ condition }}
{%- endmacro %}

{% macro spark__delete_rows(relation, condition) %}
    {% do write_anew(relation, 'select * from ' ~ relation ~ ' where not coalesce(' ~ condition ~ ', false)') %}
{% endmacro %}
