{#
    One offending row when the two totals differ by more than the tolerance, or when one is null
    and the other is not. `to_where` filters the other relation, the config `where` this one.
#}
{% test reconciles_to(model, expression, to, to_expression, tolerance=0, to_where=none) %}

with

here as (

    select {{ expression }} as total
    from {{ model }}

),

there as (

    select {{ to_expression }} as total
    from {{ to }}
    {%- if to_where %}
    where {{ to_where }}
    {%- endif %}

),

compared as (

    select
        here.total as total_here,
        there.total as total_there,
        here.total - there.total as difference
    from here
    cross join there

)

select * from compared
where abs(difference) > {{ tolerance }}
    or (total_here is null) != (total_there is null)

{% endtest %}
