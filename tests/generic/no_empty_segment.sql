{#
    Offending segments: those that the other relation lists and that hold fewer than `min_rows` rows
    here. `field` is a column or an expression, so that a list column can be unnested.
#}
{% test no_empty_segment(model, column_name, to, field=none, min_rows=1) %}

with

listed as (

    select distinct {{ field or column_name }} as segment
    from {{ to }}

),

sizes as (

    select
        {{ column_name }} as segment,
        count(*) as times
    from {{ model }}
    group by {{ column_name }}

),

too_small as (

    select
        listed.segment,
        coalesce(sizes.times, 0) as times
    from listed
    left join sizes
        on listed.segment = sizes.segment
    where coalesce(sizes.times, 0) < {{ min_rows }}

)

select * from too_small

{% endtest %}
