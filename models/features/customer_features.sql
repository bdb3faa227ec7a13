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
{%- if setting('objective') == 'value' %}

    lifetimes as (

        select * from {{ ref('customer_lifetimes') }}

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
        {%- for measure in lifetime_measures() if setting('objective') == 'value' %}
            lifetimes.{{ measure }},
        {%- endfor %}
        behaviour.*
    from behaviour
    left join engagement
        on behaviour.customer_id = engagement.customer_id
    {%- if setting('attributes') %}
        left join customers
            on behaviour.customer_id = customers.customer_id
    {%- endif %}
    {%- if setting('objective') == 'value' %}
    left join lifetimes
        on behaviour.customer_id = lifetimes.customer_id
    {%- endif %}

)

-- the columns of another model are out of sight for sqlfluff
select * from features  -- noqa: AM04
