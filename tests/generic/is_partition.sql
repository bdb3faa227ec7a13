{#
    Offending combinations: every combination of the listed values must occur exactly once, and no
    other may occur. `of` holds one list of values per column, in the order of `columns`.
#}
{% test is_partition(model, columns, of) %}

{%- if columns | length != of | length %}
    {%- do exceptions.raise_compiler_error(
        'is_partition on ' ~ model ~ ' has ' ~ (columns | length) ~ ' columns but ' ~ (of | length)
        ~ ' lists in `of`: give one list of values per column.'
    ) %}
{%- endif %}

with

{%- for column in columns %}

{{ column }}_values as (

    {%- for value in of[loop.index0] %}
    select {{ text_literal(value) if value is string else value }} as {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),
{%- endfor %}

wanted as (

    select
        {%- for column in columns %}
        {{ column }}_values.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- for column in columns %}
    {{ 'from' if loop.first else 'cross join' }} {{ column }}_values
    {%- endfor %}

),

found as (

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        count(*) as times
    from {{ model }}
    group by {{ columns | join(', ') }}

),

offending as (

    select
        {%- for column in columns %}
        coalesce(wanted.{{ column }}, found.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(found.times, 0) as times,
        case
            when found.times is null then 'missing'
            when wanted.{{ columns[0] }} is null then 'not in the lists'
            else 'more than once'
        end as problem
    from wanted
    full outer join found
        {%- for column in columns %}
        {{ 'on' if loop.first else 'and' }} wanted.{{ column }} = found.{{ column }}
        {%- endfor %}
    where found.times is null
        or wanted.{{ columns[0] }} is null
        or found.times > 1

)

select * from offending

{% endtest %}
