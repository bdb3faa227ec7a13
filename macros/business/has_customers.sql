{#
    Whether stg_customers is there to be read. It is enabled too when only consent or attributes are asked for,
    so that check_settings() gets to say what is missing: a reference to a disabled model stops dbt before it.
#}
{% macro has_customers() %}
    {{ return(relation_as_written('customers') is not none or requires_consent() or carried_attributes() != []) }}
{% endmacro %}
