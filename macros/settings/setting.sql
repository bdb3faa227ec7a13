{#
    The one way to read a setting: setting('k') is the var segmentation_k, its default in
    dbt_project.yml. dbt renders a value that holds Jinja, such as "{{ ref('orders') }}", in the
    model that asks for it, so the lineage stays whole.
#}
{% macro setting(name) %}
    {{ return(var('segmentation_' ~ name)) }}
{% endmacro %}
