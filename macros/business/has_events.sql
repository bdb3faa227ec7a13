{#
    Whether a table of events is mapped. Asked of the setting as it is written: reading it resolves the
    table, which is for stg_events alone.
#}
{% macro has_events() %}
    {{ return(relation_as_written('events') is not none) }}
{% endmacro %}
