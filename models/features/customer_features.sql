with

behaviour as (

    select * from {{ ref('customer_behaviour') }}

),

engagement as (

    select * from {{ ref('customer_engagement') }}

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
        {%- for measure in engagement_measures() %}
            engagement.{{ measure }},
        {%- endfor %}
        behaviour.*
    from behaviour
    left join engagement
        on behaviour.customer_id = engagement.customer_id
    {%- if setting('attributes') %}
        left join customers
            on behaviour.customer_id = customers.customer_id
    {%- endif %}

)

-- the columns of another model are out of sight for sqlfluff
select * from features  -- noqa: AM04
