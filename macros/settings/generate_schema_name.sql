{#
    Run by itself, the package builds into the schema `segmentation`. Installed, dbt's own rule
    holds: `<target schema>_segmentation`, or what the installing project makes of it.
#}
{% macro generate_schema_name(custom_schema_name, node) %}
    {% if project_name == 'customer_segmentation' and custom_schema_name is not none %}
        {{ return(custom_schema_name | trim) }}
    {% else %}
        {{ return(default__generate_schema_name(custom_schema_name, node)) }}
    {% endif %}
{% endmacro %}
