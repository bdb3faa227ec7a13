{{ config(
    enabled=has_customers(), pre_hook="{{ check_mapping('customers') }}",
    materialized='table' if pseudonymizes() else 'view'
) }}

with

raw as (

    select * from {{ setting('customers') }}

),

typed as (

    select
        {{ id_text(safely(setting('customers_key'))) }} as customer_id,
        {%- for attribute in carried_attributes() %}
            {{ attribute }},
        {%- endfor %}
        coalesce({{ safely(setting('consent_when')) }}, false) as agrees_to_profiling
    from raw

),

-- Two rows for one customer: one refusal is a refusal, and each attribute takes its largest value,
-- so that the result does not depend on the order of the rows.
consenting as (

    select

        ---------- attributes
        {%- for attribute in carried_attributes() %}
            max({{ attribute }}) as {{ attribute }},
        {%- endfor %}

        ---------- keys
        {{ hashed_column('customer_id') }}

    from typed
    where customer_id is not null
    group by customer_id
    having bool_and(agrees_to_profiling)

)

select * from consenting
{%- if forgets() %}
    where customer_id not in (select customer_id from {{ ref('stg_forgotten') }})
{%- endif %}
