{{ config(materialized='table', pre_hook="{{ check_features() }}") }}

{%- set categories = category_features() %}

with

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

-- The md5 of the key is a lottery that nobody can rig: the same customers whatever the row order,
-- the thread count and the engine.
drawn as (

    select
        *,
        md5(customer_id || '{{ ':' ~ setting('seed') }}') as lot
    from snapshot
    order by lot, customer_id
    limit {{ setting('sample_size') }}

),

sample as (

    select

        ---------- keys
        customer_id,

        ---------- when
        as_of,

        ---------- to order the segments by
        {%- for feature in model_features() %}
            {%- set value = category_text(feature) if feature in categories else 'cast(' ~ feature ~ ' as double)' %}
            {{ value }} as {{ feature }},
        {%- endfor %}
        cast(monetary as double) as monetary_value

    from drawn

)

select * from sample
