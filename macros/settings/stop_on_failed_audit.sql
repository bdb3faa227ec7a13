{#
    Post-hook of transaction_audit, after its commit: the counts stay to be looked at, warnings are
    said aloud, and a failed check stops all that would build on the input. Yesterday's tables stand.
#}
{% macro stop_on_failed_audit() %}
    {% if execute and not flags.EMPTY %}
        {% set query %}
            select status, check_name || ': ' || message
            from {{ this }}
            where status in ('warn', 'error')
            order by position
        {% endset %}
        {% set failures = [] %}
        {% for row in run_query(query).rows %}
            {% if row[0] == 'error' %}
                {% do failures.append(row[1]) %}
            {% else %}
                {% do exceptions.warn(row[1]) %}
            {% endif %}
        {% endfor %}
        {% do stop_with(failures) %}
    {% endif %}
{% endmacro %}
