{#
    Post-hook of the Python models: drops the table that an incremental run of the model leaves behind.
    dbt-duckdb 1.11 means it to be temporary, but creates it for good where Python fills it.
#}
{% macro drop_leftovers() %}
    {% if execute %}
        {{ return(adapter.dispatch('drop_leftovers', 'customer_segmentation')()) }}
    {% endif %}
{% endmacro %}

{% macro default__drop_leftovers() %}
{% endmacro %}

{% macro duckdb__drop_leftovers() %}
    {% set query %}
        select '"' || schema_name || '"."' || table_name || '"'
        from duckdb_tables()
        where database_name = current_database()
            and starts_with(table_name, '{{ this.identifier }}__dbt_tmp')
    {% endset %}
    {% for row in run_query(query).rows %}
        {% do run_query('drop table ' ~ row[0]) %}
    {% endfor %}
{% endmacro %}
