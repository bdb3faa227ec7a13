-- Enabled too when only consent or attributes are asked for, so that check_settings() gets to say
-- what is missing: a reference to a disabled model stops dbt before it.
{{ config(
    enabled=setting('customers') is not none or requires_consent() or setting('attributes') != [],
    pre_hook="{{ check_mapping('customers') }}",
) }}

with

raw as (

    select * from {{ setting('customers') }}

),

typed as (

    select
        {{ id_text(safely(setting('customers_key'))) }} as customer_id,
        {%- for attribute in setting('attributes') %}
            {{ attribute }},
        {%- endfor %}
        coalesce({{ safely(setting('consent_when')) }}, false) as has_consent
    from raw

),

-- Two rows for one customer: one refusal is a refusal, and each attribute takes its largest value,
-- so that the result does not depend on the order of the rows.
consenting as (

    select

        ---------- attributes
        {%- for attribute in setting('attributes') %}
            max({{ attribute }}) as {{ attribute }},
        {%- endfor %}

        ---------- keys
        customer_id

    from typed
    where customer_id is not null
    group by customer_id
    having bool_and(has_consent)

)

select * from consenting
