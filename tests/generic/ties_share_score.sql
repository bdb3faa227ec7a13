{#
    Offending values of the measure: those whose rows do not all have the same score. A null score
    differs from any other. Counted by the rows they hold.
#}
{% test ties_share_score(model, column_name, measure) %}

{{ config(fail_calc='coalesce(sum(rows_affected), 0)') }}

with

ties as (

    select
        {{ measure }} as measured,
        min({{ column_name }}) as lowest,
        max({{ column_name }}) as highest,
        count({{ column_name }}) as rows_scored,
        count(*) as rows_affected
    from {{ model }}
    where {{ measure }} is not null
    group by {{ measure }}

)

select * from ties
where lowest != highest
    or (rows_scored between 1 and rows_affected - 1)

{% endtest %}
