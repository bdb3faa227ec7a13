{{ config(pre_hook="{{ check_mapping('forget') if forgets() else '' }}") }}

with

{% if forgets() -%}
    raw as (

        select * from {{ setting('forget') }}

    ),

    typed as (

        select {{ id_text(safely(setting('forget_key'))) }} as customer_id
        from raw

    ),
{%- else -%}
    -- nothing is mapped: the same table, without rows
    typed as (

        select cast(null as string) as customer_id
        where false

    ),
{%- endif %}

forgotten as (

    select distinct {{ hashed_column('customer_id') }}
    from typed
    where customer_id is not null

)

select * from forgotten
