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
        {{ valid_to }}
    from {{ model }}

),

-- Whoever has one row overlaps nobody: only the others are put in order.
several as (

    select {{ key }}
    from stays
    group by {{ key }}
    having count(*) > 1

),

turns as (

    select
        stays.*,
        row_number() over of_key as turn,
        lag(stays.{{ valid_to }}) over of_key as ended_at
    from stays
    inner join several
        on stays.{{ key }} is not distinct from several.{{ key }}
    window of_key as (partition by stays.{{ key }} order by stays.{{ valid_from }}, stays.{{ valid_to }})

),

offending as (

    select * from stays
    where {{ valid_to }} <= {{ valid_from }}

    union all

    select
        {{ key }},
        {{ valid_from }},
        {{ valid_to }}
    from turns
    where turn > 1
        and (ended_at is null or ended_at > {{ valid_from }})
        and coalesce({{ valid_to }} > {{ valid_from }}, true)

)

select * from offending

{% endtest %}
