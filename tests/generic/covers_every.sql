{#
    Offending keys: of the other relation and not here exactly once, or here and not there.
    `field` and `to_where` belong to the other relation; the config `where` filters this one.
#}
{% test covers_every(model, column_name, to, field=none, to_where=none) %}

with

here as (

    select
        {{ column_name }} as key_value,
        count(*) as times
    from {{ model }}
    group by {{ column_name }}

),

there as (

    select distinct {{ field or column_name }} as key_value
    from {{ to }}
    where {{ field or column_name }} is not null
    {%- if to_where %}
        and ({{ to_where }})
    {%- endif %}

),

offending as (

    select
        coalesce(here.key_value, there.key_value) as key_value,
        coalesce(here.times, 0) as times,
        case
            when here.times is null then 'missing here'
            when here.key_value is null then 'null'
            when there.key_value is null then 'unknown there'
            else 'more than once here'
        end as problem
    from here
    full outer join there
        on here.key_value = there.key_value
    where here.times is null
        or there.key_value is null
        or here.times > 1

)

select * from offending

{% endtest %}
