{#
    A Python model cannot have a contract, so this is theirs: the columns of each must have the
    names and types that its yml declares.
#}
{%- set rows = [] -%}
{%- for name in ['segment_candidates', 'segment_model', 'surrogate_tree', 'publications'] -%}
    {%- set relation = ref(name) -%}
    {%- if execute -%}
        {%- set found = {} -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {#- DuckDB puts field names that are keywords into quotes -#}
            {%- do found.update({column.name: column.dtype | lower | replace('"', '')}) -%}
        {%- endfor -%}
        {%- set declared = {} -%}
        {%- for column in graph.nodes['model.customer_segmentation.' ~ name].columns.values() -%}
            {%- do declared.update({column.name: type_name(column.data_type | lower)}) -%}
        {%- endfor -%}
        {%- for column in (found.keys() | list + declared.keys() | list) | unique
              if found.get(column) != declared.get(column) -%}
            {%- do rows.append((name, column, declared.get(column, 'absent'), found.get(column, 'absent'))) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endfor -%}

with

offending as (

    select
        cast(null as {{ dbt.type_string() }}) as model_name,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as declared_type,
        cast(null as {{ dbt.type_string() }}) as found_type
    {%- for row in rows %}
        union all
        select
            '{{ row[0] }}',
            '{{ row[1] }}',
            '{{ row[2] }}',
            '{{ row[3] }}'
    {%- endfor %}

)

select * from offending
where model_name is not null
