{#
    Offending values of the measure: those at which the score falls below one that a lower measure
    already had (direction `rising`), or rises above one (`falling`). Counted by the rows they hold.
#}
{% test is_monotone_in(model, column_name, measure, direction='rising') %}

{{ config(fail_calc='coalesce(sum(rows_affected), 0)') }}

{%- if direction not in ['rising', 'falling'] %}
    {%- do exceptions.raise_compiler_error(
        'is_monotone_in on ' ~ model ~ ' has the direction ' ~ direction ~ ': it must be rising or falling.'
    ) %}
{%- endif %}
{%- set sign = '' if direction == 'rising' else '-' %}

with

steps as (

    select
        {{ measure }} as measured,
        min({{ sign }}{{ column_name }}) as lowest,
        max({{ sign }}{{ column_name }}) as highest,
        count(*) as rows_affected
    from {{ model }}
    where {{ measure }} is not null
        and {{ column_name }} is not null
    group by {{ measure }}

),

compared as (

    select
        measured,
        {{ sign }}lowest as {{ column_name }},
        lowest < max(highest) over (
            order by measured
            rows between unbounded preceding and 1 preceding
        ) as turns_back,
        rows_affected
    from steps

)

select * from compared
where turns_back

{% endtest %}
