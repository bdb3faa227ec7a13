{# This warehouse names its schemas itself: `crm` is `crm`, not `analytics_crm`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
