with

snapshot as (

    select
        customer_id,
        {%- for feature in setting('features') %}
            cast({{ feature }} as double) as {{ feature }},
        {%- endfor %}
        as_of
    from {{ ref('feature_snapshot') }}

),

model as (

    select * from {{ ref('current_model') }}

),

vectors as (

    select

        ---------- keys
        snapshot.customer_id,
        model.model_version,

        ---------- scaled features, in the order of feature_names
        [
            {%- for feature in setting('features') %}
                {{ scaled_feature('snapshot.' ~ feature, loop.index) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ] as vector

    from snapshot
    cross join model

)

select * from vectors
