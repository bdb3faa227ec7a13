{#
    Run by itself, the package builds into the schema `segmentation`. Installed, the rule of the
    installing project holds: its own generate_schema_name where it has one, for which dbt does not
    look once a package brings this macro, or else dbt's `<target schema>_segmentation`.
#}
{% macro generate_schema_name(custom_schema_name, node) %}
    {% set is_installed = project_name != 'customer_segmentation' %}
    {% set rule = context[project_name].get('generate_schema_name') if project_name in context %}
    {% if is_installed and rule %}
        {{ return(rule(custom_schema_name, node)) }}
    {% elif is_installed or custom_schema_name is none %}
        {{ return(default__generate_schema_name(custom_schema_name, node)) }}
    {% else %}
        {{ return(custom_schema_name | trim) }}
    {% endif %}
{% endmacro %}
