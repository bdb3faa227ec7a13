{#
    The table behind segment_model as it stands before this run, or none: what decides about a refit and
    checks a pinned version must look into the registry without waiting for the model that adds to it.
#}
{% macro registry_relation() %}
    {% if execute %}
        {% set node = graph.nodes['model.customer_segmentation.segment_model'] %}
        {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
    {% endif %}
{% endmacro %}


{# The newest version in segment_candidates, 0 without: a run that fits must announce a later one. #}
{% macro newest_candidate() %}
    {{ return(newest_version_in('segment_candidates')) }}
{% endmacro %}


{# The newest version that a model's table holds as it stands before this run; 0 without a table. #}
{% macro newest_version_in(model) %}
    {% if execute %}
        {% set node = graph.nodes['model.customer_segmentation.' ~ model] %}
        {% set table = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if table is not none %}
            {% set query = 'select coalesce(max(model_version), 0) from ' ~ table %}
            {{ return(run_query(query).columns[0].values()[0] | int) }}
        {% endif %}
    {% endif %}
    {{ return(0) }}
{% endmacro %}


{# The versions it holds, ascending; empty without a table. #}
{% macro registry_versions() %}
    {% set registry = registry_relation() %}
    {% if registry is none %}
        {{ return([]) }}
    {% endif %}
    {% set query = 'select model_version from ' ~ registry ~ ' order by model_version' %}
    {{ return(run_query(query).columns[0].values() | map('int') | list) }}
{% endmacro %}
