{#
    Prints the versions in the registry, newest first, and which of them is in force.

        dbt run-operation list_models
#}
{% macro list_models() %}
    {% set versions = registry_versions() %}
    {% if not versions %}
        {% do print('segment_model holds no version yet: the first `dbt build` fits one.') %}
    {% else %}
        {% set in_force = setting('model_version') or versions[-1] %}
        {% set query %}
            select
                model_version,
                algorithm,
                k,
                cast(fitted_at as {{ dbt.type_string() }}),
                cast(as_of as {{ dbt.type_string() }}),
                reason
            from {{ registry_relation() }}
            order by model_version desc
        {% endset %}
        {% for row in run_query(query).rows %}
            {% do print(
                'Version ' ~ row[0] | int ~ (' (in force)' if row[0] == in_force else '') ~ ': ' ~ row[1] ~ ' with '
                ~ row[2] | int ~ ' segments, fitted at ' ~ row[3][:19] ~ ' on customers as of ' ~ row[4][:19] ~ '.\n    '
                ~ row[5]
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
