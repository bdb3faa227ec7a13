{#
    Replaces a table by the rows of a select that may read it, on an engine that can neither change rows nor swap
    tables in one step. The rows are written beside it, then in its place: at any moment one whole copy is in the
    catalogue, and mend_interrupted_build() puts it back where a build was killed in between.
#}
{% macro write_anew(relation, select) %}
    {% set beside = relation_beside(relation) %}
    {% do drop_with_its_folder(beside) %}
    {% do run_query('create table ' ~ beside ~ ' ' ~ file_format_clause() ~ ' as ' ~ select) %}
    {% do put_in_place(relation, beside, file_format_clause()) %}
{% endmacro %}


{# Where the rows are written that will replace those of a table. #}
{% macro relation_beside(relation) %}
    {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '__dbt_new'}, type='table')) }}
{% endmacro %}


{# Copies the rows: renaming moves a folder and changes the catalogue, which are two steps again. #}
{% macro put_in_place(relation, beside, file_format) %}
    {% do run_query('drop table if exists ' ~ relation) %}
    {% do run_query('create table ' ~ relation ~ ' ' ~ file_format ~ ' as select * from ' ~ beside) %}
    {% do run_query('drop table ' ~ beside) %}
{% endmacro %}


{#
    Drops a table that may not be there, and the folder that a killed build may have left in its place: Spark makes
    no table where it finds one. A table whose location is that folder takes it along when it is dropped; its
    partition makes the folder if there is none, of which Spark would complain.
#}
{% macro drop_with_its_folder(relation) %}
    {% set holder = relation.incorporate(path={'identifier': relation.identifier ~ '__dbt_folder'}, type='table') %}
    {% do run_query('drop table if exists ' ~ relation) %}
    {% do run_query('drop table if exists ' ~ holder) %}
    {% do run_query('create table ' ~ holder ~ ' (nothing int, part int) using parquet partitioned by (part)') %}
    {% do run_query(
        'alter table ' ~ holder ~ ' set location ' ~ text_literal(folder_of_schema(relation) ~ '/' ~ relation.identifier)
    ) %}
    {% do run_query('alter table ' ~ holder ~ ' add partition (part = 1)') %}
    {% do run_query('drop table ' ~ holder) %}
{% endmacro %}


{# The folder in which Spark keeps the tables of a schema. #}
{% macro folder_of_schema(relation) %}
    {% for row in run_query('describe schema ' ~ relation.without_identifier()).rows if row[0] == 'Location' %}
        {{ return(row[1]) }}
    {% endfor %}
{% endmacro %}
