{#
    Removes the customers in segmentation_forget from everything that was built, and proves it:

        dbt run-operation forget_customers

    With `--args '{everyone: true}'` it removes all customers with their history, as when the secret of
    segmentation_pseudonymize has to change. What is counted over many customers stays until the next build.
#}
{% macro forget_customers(everyone=false) %}
    {% if not everyone and not forgets() %}
        {% do stop_with([
            'segmentation_forget is null: set it to a table of the customers to forget, then run this operation again.'
        ]) %}
    {% endif %}
    {% do stop_with(missing_secret()) %}
    {% do take_secret() %}
    {{ return(adapter.dispatch('forget_customers', 'customer_segmentation')(everyone)) }}
{% endmacro %}

{% macro default__forget_customers(everyone) %}
    {% do stop_with(['forget_customers knows how to erase in DuckDB only: delete from the tables it would name by hand.']) %}
{% endmacro %}

{% macro spark__forget_customers(everyone) %}
    {% set node = graph.nodes['model.customer_segmentation.segments'] %}
    {% do stop_with([
        'forget_customers is not for Spark, where every build writes all tables anew: '
        ~ ('drop the schema ' ~ node.schema ~ ', which removes all customers with their history.' if everyone
           else 'run `dbt build`, which leaves out the customers in segmentation_forget, and drop transaction_lines if '
           ~ 'segmentation_incremental was true once and is not now.')
    ]) %}
{% endmacro %}

{% macro duckdb__forget_customers(everyone) %}
    {# one transaction: a process that is killed has forgotten nobody, or all of them in every table #}
    {% call statement('customers_to_forget', auto_begin=true) %}
        {{ customers_to_forget(everyone) }}
    {% endcall %}
    {% set tables = tables_of_persons() %}
    {% for relation in tables %}
        {% set rows = rows_of_the_forgotten(relation, everyone) %}
        {% if relation.identifier == 'transaction_lines' and not everyone %}
            {% set what = 'lines made nameless' %}
        {% else %}
            {% set what = 'rows removed' %}
        {% endif %}
        {# written anew also where there are none: of rows deleted earlier the bytes are still there #}
        {% do run_query(table_without_the_forgotten(relation, everyone)) %}
        {% do print(relation.schema ~ '.' ~ relation.identifier ~ ': ' ~ rows ~ ' ' ~ what) %}
    {% endfor %}
    {% for relation in leftovers_of_runs() %}
        {% do run_query('drop table ' ~ relation) %}
        {% do print(relation.schema ~ '.' ~ relation.identifier ~ ': dropped, which an earlier run left behind') %}
    {% endfor %}
    {% do adapter.commit() %}
    {% set overwritten = overwrite_free_space() %}
    {% do print(overwritten ~ ' freed blocks of the database file overwritten') %}
    {% do prove_that_they_are_forgotten(tables, everyone) %}
    {% do print(
        'Shares, means and counts over many customers are those of the last build: run `dbt build`, which leaves them out.'
    ) %}
    {% if setting('publish_path') is not none %}
        {% do print(
            'Files in ' ~ setting('publish_path') ~ ' are as they were: '
            ~ ('remove the folder.' if everyone
               else 'that build publishes without them, and removes every version that still holds one of them.')
        ) %}
    {% endif %}
{% endmacro %}


{#
    Statement: the temporary table of whom to forget, which is in no file: the id as it came, and as it stands in
    the tables.
#}
{% macro customers_to_forget(everyone) -%}
    {%- set id = id_text(safely(setting('forget_key'))) -%}
    create or replace temp table customers_to_forget as
    {%- if everyone %}
    select cast(null as string) as given_id, cast(null as string) as customer_id
    where false
    {%- else %}
    select distinct
        {{ id }} as given_id,
        {{ pseudonym(id) }} as customer_id
    from {{ setting('forget') }}
    where {{ id }} is not null
    {%- endif %}
{%- endmacro %}


{#
    The tables that this package has built and that have a customer id, the disabled memory of lines included.
    Seeds and your own tables are none of them.
#}
{% macro tables_of_persons() %}
    {% set found = [] %}
    {% for relation in relations_of_package(['model', 'snapshot'])
       if 'customer_id' in adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') %}
        {% do found.append(relation) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# What runs leave behind: tables that were to be swapped in, and the rows of failed tests that dbt was told to store. #}
{% macro leftovers_of_runs() %}
    {% set found = [] %}
    {% for relation in relations_of_package(['test']) %}
        {% do found.append(relation) %}
    {% endfor %}
    {% for place in places_of_package() %}
        {% set query %}
            select table_name
            from duckdb_tables()
            where database_name = '{{ place[0] }}'
                and schema_name = '{{ place[1] }}'
                and regexp_matches(table_name, '^({{ place[2] | join('|') }})__dbt_(tmp|backup)')
            order by table_name
        {% endset %}
        {% for name in run_query(query).columns[0].values() %}
            {% do found.append(api.Relation.create(database=place[0], schema=place[1], identifier=name, type='table')) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# Tables, not views, of the nodes of this package of some resource types. #}
{% macro relations_of_package(types) %}
    {% set found = [] %}
    {% set nodes = graph.nodes.values() | selectattr('package_name', 'equalto', 'customer_segmentation') | list %}
    {% set places = [] %}
    {% for node in nodes | sort(attribute='unique_id') if node.resource_type in types %}
        {% do places.append((node.database, node.schema, node.alias)) %}
    {% endfor %}
    {% if 'model' in types %}
        {# without segmentation_incremental dbt does not know of it #}
        {% set ledger = graph.nodes['model.customer_segmentation.transaction_ledger'] %}
        {% do places.append((ledger.database, ledger.schema, 'transaction_lines')) %}
    {% endif %}
    {% for place in places | unique %}
        {% set relation = adapter.get_relation(place[0], place[1], place[2]) %}
        {% if relation is not none and relation.is_table %}
            {% do found.append(relation) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# Database, schema and names of tables in it, of each schema that the package builds in. #}
{% macro places_of_package() %}
    {% set names = {} %}
    {% for node in graph.nodes.values()
       if node.package_name == 'customer_segmentation' and node.resource_type in ['model', 'snapshot'] %}
        {% do names.setdefault((node.database, node.schema), []).append(node.alias) %}
    {% endfor %}
    {% set places = [] %}
    {% for place, aliases in names.items() %}
        {% do places.append((place[0], place[1], aliases | sort)) %}
    {% endfor %}
    {{ return(places | sort) }}
{% endmacro %}


{# Condition: the row is one of somebody who is to be forgotten. #}
{% macro is_to_be_forgotten(everyone) -%}
    {{ 'true' if everyone else 'coalesce(customer_id in (select customer_id from customers_to_forget), false)' }}
{%- endmacro %}


{% macro rows_of_the_forgotten(relation, everyone) %}
    {% set query = 'select count(*) from ' ~ relation ~ ' where ' ~ is_to_be_forgotten(everyone) %}
    {{ return(run_query(query).rows[0][0] | int) }}
{% endmacro %}


{#
    Statement: writes the table anew without them. Deleting would leave their values in the blocks of the rows
    that stay. Remembered lines stay as nameless ones, so that the lines of the input still add up.
#}
{% macro table_without_the_forgotten(relation, everyone) -%}
    create or replace table {{ relation }} as
    {%- if relation.identifier == 'transaction_lines' and not everyone %}
    select
        * replace (
            {%- for name in columns_to_forget() %}
            case when not {{ is_to_be_forgotten(everyone) }} then {{ name }} end as {{ name }},
            {%- endfor %}
            case
                when {{ is_to_be_forgotten(everyone) }} then {{ dbt.date_trunc('day', 'ordered_at') }}
                else ordered_at
            end as ordered_at,
            case when {{ is_to_be_forgotten(everyone) }} then 'forgotten' else reject_reason end as reject_reason
        )
    from {{ relation }}
    {%- else %}
    select * from {{ relation }}
    where not {{ is_to_be_forgotten(everyone) }}
    {%- endif %}
{%- endmacro %}


{#
    Looks for the ids, as they came and as they were stored, in every text column of every table of the package, and
    stops when one is found under customer_id. Elsewhere an equal value may be a product that has the same
    number: it is told, and so are tables that are not the package's.
#}
{% macro prove_that_they_are_forgotten(tables, everyone) %}
    {% if everyone %}
        {{ return(none) }}
    {% endif %}
    {% set own = [] %}
    {% for relation in relations_of_package(['model', 'snapshot']) %}
        {% do own.append((relation.database, relation.schema, relation.identifier)) %}
    {% endfor %}
    {% set query %}
        select
            columns.database_name,
            columns.schema_name,
            columns.table_name,
            columns.column_name
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables
            on columns.table_oid = tables.table_oid
                and columns.database_oid = tables.database_oid
        where not tables.internal
            and not tables.temporary
            and columns.database_name != 'segmentation_secret'
            and regexp_matches(columns.data_type, '^(VARCHAR|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)')
        order by
            columns.database_name,
            columns.schema_name,
            columns.table_name,
            columns.column_index
    {% endset %}
    {% set problems = [] %}
    {% set looked = [] %}
    {% for row in run_query(query).rows %}
        {% set table = '"' ~ row[0] ~ '"."' ~ row[1] ~ '"."' ~ row[2] ~ '"' %}
        {% set is_own = (row[0], row[1], row[2]) in own %}
        {% set value = 'cast("' ~ row[3] ~ '" as string)' %}
        {% set count %}
            select count(*) from {{ table }}
            where {{ value }} in (select given_id from customers_to_forget union all select customer_id from customers_to_forget)
        {% endset %}
        {% set rows = run_query(count).rows[0][0] | int %}
        {% do looked.append(table) %}
        {% if rows and is_own and row[3] | lower == 'customer_id' %}
            {% do problems.append(row[1] ~ '.' ~ row[2] ~ ' still holds ' ~ rows ~ ' rows of customers to forget: run the operation again.') %}
        {% elif rows and is_own %}
            {% do print(
                'note: ' ~ row[1] ~ '.' ~ row[2] ~ '.' ~ row[3] ~ ' has ' ~ rows
                ~ ' values equal to one of their ids; as a product or a count may have the same number, they stay'
            ) %}
        {% elif rows %}
            {% do print(
                'note: ' ~ row[1] ~ '.' ~ row[2] ~ '.' ~ row[3] ~ ' has ' ~ rows
                ~ ' values equal to one of their ids; it is not of this package, which leaves it alone'
            ) %}
        {% endif %}
    {% endfor %}
    {% do stop_with(problems) %}
    {% set customers = run_query('select count(*) from customers_to_forget').rows[0][0] | int %}
    {% do print(
        'Proof: ' ~ customers ~ ' customers were looked for in ' ~ looked | length ~ ' columns of '
        ~ looked | unique | list | length ~ ' tables, and no row of this package is theirs'
    ) %}
{% endmacro %}
