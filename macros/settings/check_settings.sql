{#
    The start-up check: every setting against the catalog, before any work. All problems come at
    once, one sentence each: name, value got, value wanted, remedy.
#}
{% macro check_settings() %}
    {% if execute %}
        {% set problems = misplaced_settings() + unknown_settings() + invalid_settings() %}
        {% if not problems %}
            {# first, while no transaction is open that would take it back #}
            {% do take_secret() %}
            {% do mend_interrupted_build() %}
            {% set problems = contradictory_settings() + contradictory_model_settings() + impossible_versions()
                + unknown_published_tables() + missing_secret() + settings_beyond_the_engine() %}
        {% endif %}
        {% do stop_with(problems) %}
        {% do stop_with(changed_secret()) %}
    {% endif %}
{% endmacro %}
