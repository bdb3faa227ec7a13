{#
    Whether a table of campaign contacts is mapped. Asked of the setting as it is written: reading it resolves
    the table, which is for stg_campaign_contacts alone.
#}
{% macro has_campaigns() %}
    {{ return(relation_as_written('campaigns') is not none) }}
{% endmacro %}
