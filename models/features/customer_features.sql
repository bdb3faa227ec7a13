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
        behaviour.*
        {%- for attribute in setting('attributes') %},
        customers.{{ attribute }}
        {%- endfor %}
    from behaviour
    {%- if setting('attributes') %}
    left join customers
        on behaviour.customer_id = customers.customer_id
    {%- endif %}

)

select * from features
