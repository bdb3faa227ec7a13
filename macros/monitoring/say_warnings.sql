{#
    Post-hook of the tables that watch the model: says aloud the message of each row whose status is
    warn or error. Whether an error stops anything is for the tests to say.
#}
{% macro say_warnings() %}
    {% if execute and not flags.EMPTY %}
        {% set query %}
            select message
            from {{ this }}
            where status in ('warn', 'error')
            order by message
        {% endset %}
        {% for row in run_query(query).rows %}
            {% do exceptions.warn(row[0]) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
