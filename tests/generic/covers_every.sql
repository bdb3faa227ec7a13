{#
    Offending keys: of the other relation and not here exactly once, or here and not there.
    `field` and `to_where` belong to the other relation; the config `where` filters this one.
#}
{% test covers_every(model, column_name, to, field=none, to_where=none) %}

with

-- One grouping of both: a join of two would group each first.
keys as (

    select
        {{ column_name }} as key_value,
        1 as is_here,
        0 as is_there
    from {{ model }}

    union all

    select
        {{ field or column_name }} as key_value,
        0 as is_here,
        1 as is_there
    from {{ to }}
    where {{ field or column_name }} is not null
    {%- if to_where %}
        and ({{ to_where }})
    {%- endif %}

),

counted as (

    select
        key_value,
        sum(is_here) as times,
        sum(is_there) as times_there
    from keys
    group by key_value

),

offending as (

    select
        key_value,
        times,
        case
            when times = 0 then 'missing here'
            when key_value is null then 'null'
            when times_there = 0 then 'unknown there'
            else 'more than once here'
        end as problem
    from counted
    where times != 1
        or times_there = 0

)

select * from offending

{% endtest %}
