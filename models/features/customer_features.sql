with

behaviour as (

    select * from {{ ref('customer_behaviour') }}

),

{%- if setting('attributes') %}

    customers as (

        select * from {{ ref('stg_customers') }}

    ),
{%- endif %}

features as (

    select
        {%- for attribute in setting('attributes') %}
            customers.{{ attribute }},
        {%- endfor %}
        behaviour.*
    from behaviour
    {%- if setting('attributes') %}
    left join customers
        on behaviour.customer_id = customers.customer_id
    {%- endif %}

)

-- the columns of another model are out of sight for sqlfluff
select * from features  -- noqa: AM04
