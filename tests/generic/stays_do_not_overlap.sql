{#
    Offending rows: those that begin before an earlier row of the same key has ended, or end before
    they begin. A row without an end goes on for ever.
#}
{% test stays_do_not_overlap(model, key, valid_from, valid_to) %}

with

stays as (

    select
        {{ key }},
        {{ valid_from }},
        {{ valid_to }},
        row_number() over (partition by {{ key }} order by {{ valid_from }}, {{ valid_to }}) as turn,
        lag({{ valid_to }}) over (partition by {{ key }} order by {{ valid_from }}, {{ valid_to }}) as ended_at
    from {{ model }}

)

select * from stays
where {{ valid_to }} <= {{ valid_from }}
    or (turn > 1 and (ended_at is null or ended_at > {{ valid_from }}))

{% endtest %}
