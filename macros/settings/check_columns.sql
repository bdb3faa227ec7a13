{#
    Pre-hook of the models that read a table with columns of fixed names: one sentence for those that are
    missing. With a key, one also for each value of it that the table holds twice.
#}
{% macro check_columns(name, columns, key=none) %}
    {% if execute %}
        {% set found = run_query('select * from ' ~ setting(name) ~ ' where false').column_names | map('lower') | list %}
        {% set missing = columns | reject('in', found) | list %}
        {% set problems = [] %}
        {% if missing %}
            {% do problems.append(
                'segmentation_' ~ name ~ ' names a table without the column' ~ ('s ' if missing | length > 1 else ' ')
                ~ (missing | join(', ')) ~ ': give it ' ~ (columns | join(', ')) ~ ' (it has ' ~ (found | join(', ')) ~ ').'
            ) %}
        {% elif key and not flags.EMPTY %}
            {% set query %}
                select cast({{ key }} as string)
                from {{ setting(name) }}
                where {{ key }} is not null
                group by {{ key }}
                having count(*) > 1
                order by {{ key }}
            {% endset %}
            {% for row in run_query(query).rows %}
                {% do problems.append(
                    'segmentation_' ~ name ~ ' has several rows whose ' ~ key ~ ' is ' ~ row[0] ~ ': keep one of them.'
                ) %}
            {% endfor %}
        {% endif %}
        {% do stop_with(problems) %}
    {% endif %}
{% endmacro %}
