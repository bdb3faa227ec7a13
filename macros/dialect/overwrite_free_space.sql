{#
    Overwrites what deleted rows and replaced tables have left in the database file, and returns how many blocks
    that was. DuckDB marks such blocks as free and keeps what is in them until it needs them: so a table of random
    numbers is made to need them all, and dropped.
#}
{% macro overwrite_free_space() %}
    {{ return(adapter.dispatch('overwrite_free_space', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__overwrite_free_space() %}
    {{ return(0) }}
{% endmacro %}

{% macro duckdb__overwrite_free_space() %}
    {% set node = graph.nodes['model.customer_segmentation.segments'] %}
    {% set filler = api.Relation.create(database=node.database, schema=node.schema, identifier='segmentation_filler') %}
    {% set size %}
        select free_blocks, total_blocks, block_size
        from pragma_database_size()
        where database_name = '{{ node.database }}'
    {% endset %}
    {% do run_query('drop table if exists ' ~ filler) %}
    {# from the log into the file: only then is free what has been replaced #}
    {% do run_query('checkpoint "' ~ node.database ~ '"') %}
    {% set blocks, total, bytes = run_query(size).rows[0].values() %}
    {% if blocks %}
        {# random numbers do not compress; a block holds its checksum too, and the last one is not full #}
        {% set query %}
            create table {{ filler }} as
            select
                hash(range) as one,
                hash(range + 4611686018427387904) as other
            from range(cast({{ (blocks * 1.1 + 8) * bytes / 16 }} as bigint))
        {% endset %}
        {% do run_query(query) %}
        {% do run_query('checkpoint "' ~ node.database ~ '"') %}
        {% set grown = run_query(size).rows[0][1] > total %}
        {% do run_query('drop table ' ~ filler) %}
        {% do run_query('checkpoint "' ~ node.database ~ '"') %}
        {# a file does not grow before every free block has been used #}
        {% if not grown %}
            {% do stop_with([
                'Of ' ~ blocks ~ ' free blocks of ' ~ node.database ~ ' some may not have been overwritten: run the '
                ~ 'operation again.'
            ]) %}
        {% endif %}
    {% endif %}
    {{ return(blocks | int) }}
{% endmacro %}
