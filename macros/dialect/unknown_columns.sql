{#
    Expressions that name a column which the user's table does not have, or that are no valid SQL.
    `table` is the setting of the table (transactions, customers, events or campaigns), `expressions` a list
    of (settings entry, expression).
    Returns a list of mappings: setting, expression, nullable, problem (in words) and columns (those
    there are, as SQL wants them written).

    Where no engine parses an expression for us, only names are looked at; of others its own error must do.
#}
{% macro unknown_columns(table, expressions) %}
    {{ return(adapter.dispatch('unknown_columns', 'customer_segmentation')(table, expressions)) }}
{% endmacro %}

{% macro default__unknown_columns(table, expressions) %}
    {% set columns = run_query('select * from ' ~ setting(table) ~ ' where false').column_names %}
    {% set plain = '[A-Za-z_][A-Za-z0-9_]*$' %}
    {% set written = [] %}
    {% for column in columns %}
        {% do written.append(column if modules.re.match(plain, column) else '"' ~ column ~ '"') %}
    {% endfor %}
    {% set found = [] %}
    {% for entry, expression in expressions
       if modules.re.match('`[^`]+`$|' ~ plain, expression) and expression | lower not in ['true', 'false', 'null'] %}
        {% set known = columns | map('lower') | list %}
        {% if sees_typed_columns(entry) %}
            {% set known = known + typed_columns() + ['amount'] %}
        {% endif %}
        {% set name = expression | replace('`', '') %}
        {% if name | lower not in known %}
            {% do found.append({
                'setting': entry.name, 'expression': expression, 'nullable': entry.get('nullable', false),
                'problem': 'but the table in segmentation_' ~ table ~ ' has no column ' ~ name,
                'columns': written | join(', '),
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# Whether the expression of a setting is evaluated after the columns have got their types. #}
{% macro sees_typed_columns(entry) %}
    {{ return(entry.name in ['amount', 'cost', 'is_return', 'exclude_when']) }}
{% endmacro %}

{% macro duckdb__unknown_columns(table, expressions) %}
    {% set query %}
        with

        available as (

            select column_name from (describe select * from {{ setting(table) }})

        ),

        expressions as (

            {% for entry, expression in expressions %}
            select
                {{ loop.index0 }} as position,
                {{ sees_typed_columns(entry) }} as sees_typed_columns,
                json_serialize_sql('select {{ expression | replace("'", "''") }}') as tree
            {{ 'union all' if not loop.last }}
            {% endfor %}

        ),

        named as (

            select
                position,
                sees_typed_columns,
                unnest(regexp_extract_all(tree, '"column_names":\["([^"]+)"', 1)) as column_name
            from expressions
            -- a lambda's parameters and a subquery's columns look like columns: leave those to the binder
            where not contains(tree, '"LAMBDA"') and not contains(tree, '"SUBQUERY"')

        ),

        problems as (

            select
                position,
                'which is not valid SQL (' || json_extract_string(tree, '$.error_message')
                || '; put a column name that is a keyword or holds blanks in double quotes)' as problem
            from expressions
            where json_extract_string(tree, '$.error') = 'true'

            union

            select
                position,
                'but the table in segmentation_{{ table }} has no column ' || column_name as problem
            from named
            where lower(column_name) not in (select lower(column_name) from available)
                and not (sees_typed_columns and lower(column_name) in ('{{ (typed_columns() + ['amount']) | join("', '") }}'))

        )

        select
            position,
            problem,
            (
                select string_agg(
                    case
                        when regexp_full_match(column_name, '[A-Za-z_]\w*')
                            and lower(column_name) not in (
                                select keyword_name from duckdb_keywords() where keyword_category = 'reserved'
                            ) then column_name
                        else '"' || replace(column_name, '"', '""') || '"'
                    end,
                    ', '
                )
                from available
            ) as columns
        from problems
        order by position, problem
    {% endset %}
    {% set found = [] %}
    {% for row in run_query(query).rows %}
        {% set entry, expression = expressions[row[0] | int] %}
        {% do found.append({
            'setting': entry.name, 'expression': expression, 'nullable': entry.get('nullable', false),
            'problem': row[1], 'columns': row[2],
        }) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
