{#
    The one way to read a setting: setting('k') is the var segmentation_k, its default in
    dbt_project.yml. dbt renders a value that holds Jinja, such as "{{ ref('orders') }}", in the
    model that asks for it, so the lineage stays whole.

    While dbt parses, a list, mapping or number that is none counts as the default: the wrong value must get as far
    as check_settings(), which says what is wrong with it.
#}
{% macro setting(name) %}
    {% set value = var('segmentation_' ~ name) %}
    {% if not execute %}
        {% set default = default_setting(name) %}
        {% if default is mapping and value is not mapping
              or default is number and default is not boolean and value is not number
              or default is sequence and default is not string and default is not mapping
                  and (value is string or value is mapping or value is not sequence) %}
            {{ return(default) }}
        {% endif %}
    {% endif %}
    {% if value is string and '"' in value or value is sequence and value is not string and value is not mapping %}
        {{ return(names_as_quoted_here(value)) }}
    {% endif %}
    {{ return(value) }}
{% endmacro %}


{# What dbt_project.yml of this package says, whatever the installing project does. #}
{% macro default_setting(name) %}
    {% set package = (ref.config.dependencies or {}).get('customer_segmentation', ref.config) %}
    {{ return(package.vars.vars['customer_segmentation'].get('segmentation_' ~ name)) }}
{% endmacro %}
