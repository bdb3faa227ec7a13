{#
    Offending segments: those that the other relation lists and that hold fewer than `min_rows` rows
    here. `field` is the segment there, or `list_field` a list of segments; `to_where` is a condition on `listed.segment`.
#}
{% test no_empty_segment(model, column_name, to, field=none, list_field=none, to_where=none, min_rows=1) %}

with

listed as (

    select distinct
        {% if list_field is none -%}
            {{ field or column_name }} as segment
        {%- else -%}
            {{ unnested([(list_field, 'segment')]) }}
        {%- endif %}
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
    {%- if to_where %}
        and ({{ to_where }})
    {%- endif %}

)

select * from too_small

{% endtest %}
