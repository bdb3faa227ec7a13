{#
    The rows of a seed, in place of the macro of dbt of this name: dbt looks for one in the package of the seed first.
    dbt-spark writes values between quotes as they are, so that an apostrophe ends the text and a blank becomes 'None'.
#}
{% macro load_csv_rows(model, agate_table) %}
    {{ return(adapter.dispatch('load_seed', 'customer_segmentation')(model, agate_table)) }}
{% endmacro %}

{% macro default__load_seed(model, agate_table) %}
    {{ return(adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table)) }}
{% endmacro %}

{# As one text of JSON a batch: Spark takes minutes to parse so many literals. #}
{% macro spark__load_seed(model, agate_table) %}
    {% set types = [] %}
    {% for name in agate_table.column_names %}
        {% do types.append(model.config.column_types.get(name, adapter.convert_type(agate_table, loop.index0))) %}
    {% endfor %}
    {% set statements = [] %}
    {% for batch in agate_table.rows | batch(get_batch_size()) %}
        {% set rows = [] %}
        {% for row in batch %}
            {% set cells = [] %}
            {% for cell in row %}
                {% do cells.append(none if cell is none else cell | string) %}
            {% endfor %}
            {% do rows.append(cells) %}
        {% endfor %}
        {% set statement %}
            insert into {{ this }}
            select
                {%- for type in types %}
                cast(cells[{{ loop.index0 }}] as {{ type }}){{ ',' if not loop.last }}
                {%- endfor %}
            from (select explode(from_json({{ text_literal(tojson(rows)) }}, 'array<array<string>>')) as cells)
        {% endset %}
        {% do adapter.add_query(statement, abridge_sql_log=true) %}
        {% do statements.append(statement) %}
    {% endfor %}
    {{ return(statements[0]) }}
{% endmacro %}
