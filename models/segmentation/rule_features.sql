with

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

model as (

    select * from {{ ref('current_model') }}

),

inputs as (

    select
        {{ unnested([
            ('feature_names', 'feature'), ('transform', 'transform'), ('input_level', 'input_level'),
            (positions('feature_names'), 'place'),
        ]) }}
    from model

),

features as (

    select
        feature,
        cast(min(place) as integer) as place,
        transform = 'one_hot' as is_category,
        case when transform = 'one_hot' then {{ collected('input_level', 'place') }} end as levels
    from inputs
    group by
        feature,
        transform

),

-- How each column must be read to be what the model sees, and whether it is ever null.
readings as (
    {%- for column in numeric_columns() %}

        select
            '{{ column }}' as feature,
            false as is_category,
            {{ read_as_number(column) }} as reading,
            count({{ finite_number(column) }}) < count(*) as has_nulls
        from snapshot
        union all
    {%- endfor %}
    {%- for column in text_columns() %}

        select
            '{{ column }}' as feature,
            true as is_category,
            {{ read_as_category(column) }} as reading,
            count({{ category_text(column) }}) < count(*) as has_nulls
        from snapshot
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

rule_features as (

    select
        features.feature,
        features.place,
        features.is_category,
        readings.reading,
        readings.has_nulls,
        features.levels
    from features
    inner join readings
        on features.feature = readings.feature
            and features.is_category = readings.is_category

)

select * from rule_features
