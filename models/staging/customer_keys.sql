{{ config(materialized='table') }}

with

keys as (

    select
        {% if pseudonymizes() -%}
            true as is_pseudonymized,
            {{ secret_fingerprint_of_pads() }} as secret_fingerprint
        {%- else -%}
            false as is_pseudonymized,
            cast(null as string) as secret_fingerprint
        {%- endif %}

)

select * from keys
