{#
    Offending rows: those that meet the condition.
#}
{% test no_row_where(model, condition) %}

select * from {{ model }}
where {{ condition }}

{% endtest %}
