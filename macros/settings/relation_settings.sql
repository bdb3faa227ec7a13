{# Names of the settings that are tables. #}
{% macro relation_settings() %}
    {% set names = [] %}
    {% for group in settings_catalog() %}
        {% for entry in group.settings if entry.type == 'relation' %}
            {% do names.append(entry.name) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{#
    A relation as it is written: one such as "ref('customers')" can be resolved in a model only, and this
    check runs before any model.
#}
{% macro relation_as_written(name) %}
    {% set key = 'segmentation_' ~ name %}
    {% set root_vars = ref.config.vars.vars %}
    {% set scoped = root_vars.get('customer_segmentation') or {} %}
    {{ return(ref.config.cli_vars.get(key, scoped.get(key, root_vars.get(key)))) }}
{% endmacro %}
