{#
    One offending row when the share of rows lies outside the limits: the rows where the column has
    the value, or where the expression is true. A relation without rows has the share 0.
#}
{% test share_between(model, column_name=none, value=none, expression=none, min_share=0, max_share=1) %}

{%- if (expression is none) == (value is none) or (expression is none and column_name is none) %}
    {%- do exceptions.raise_compiler_error(
        'share_between on ' ~ model ~ ' needs either a column and a value or an expression: give one of the two.'
    ) %}
{%- endif %}
{%- if expression is none %}
    {%- set condition -%}
        {{ column_name }} = {{ text_literal(value) if value is string else value }}
    {%- endset %}
{%- else %}
    {%- set condition = expression %}
{%- endif %}

with

counted as (

    select
        count(case when {{ condition }} then 1 end) as rows_counted,
        count(*) as rows_checked
    from {{ model }}

),

measured as (

    select
        rows_counted,
        rows_checked,
        coalesce(cast(rows_counted as {{ dbt.type_float() }}) / nullif(rows_checked, 0), 0) as share
    from counted

)

select
    rows_counted,
    rows_checked,
    share,
    {{ min_share }} as min_share,
    {{ max_share }} as max_share
from measured
where share < {{ min_share }}
    or share > {{ max_share }}

{% endtest %}
