{{ config(materialized=costly_view()) }}

{#- Of more levels than these the rarer ones are one: a table of 100,000 towns profiles nothing. -#}
{%- set most_levels = 20 -%}
{%- set attributes = profiled_attributes() -%}
{%- set has_attributes = carried_attributes() != [] -%}

with

segments as (

    select * from {{ ref('segments') }}

),

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

{%- if has_attributes %}

    customers as (

        select * from {{ ref('stg_customers') }}

    ),
{%- endif %}

described as (

    select
        {%- for dimension in mapped_dimensions() %}
            snapshot.{{ dimension }},
        {%- endfor %}
        {%- for attribute in carried_attributes() %}
            customers.{{ attribute }},
        {%- endfor %}
        segments.customer_id
    from segments
    inner join snapshot
        on segments.customer_id = snapshot.customer_id
    {%- if has_attributes %}
        left join customers
            on segments.customer_id = customers.customer_id
    {%- endif %}

),

-- Categories are told apart by their text, numbers and dates by where they lie.
attribute_values as (

    {%- for attribute in attributes %}
        select
            customer_id,
            {{ text_literal(name_without_quotes(attribute)) }} as attribute,
            {{ value_kind(attribute) }} as attribute_kind,
            {{ as_measure(attribute) }} as measure,
            {{ category_text(attribute) }} as category
        from described

        union all
    {%- endfor %}

    -- without any attribute a table without rows
    select
        customer_id,
        cast(null as string) as attribute,
        cast(null as string) as attribute_kind,
        cast(null as double) as measure,
        cast(null as string) as category
    from described
    where false

),

ranked_categories as (

    select
        attribute,
        category,
        row_number() over (partition by attribute order by count(*) desc, category) as place
    from attribute_values
    where attribute_kind = 'category' and category is not null
    group by
        attribute,
        category

),

quintiles as (

    select
        attribute,
        {{ quantiles('measure', [0.2, 0.4, 0.6, 0.8]) }} as edges
    from attribute_values
    where measure is not null
    group by attribute

),

-- Equal values share a band, as they share a score: where many are equal there are fewer than five.
placed as (

    select
        attribute_values.customer_id,
        attribute_values.attribute,
        attribute_values.attribute_kind,
        attribute_values.measure,
        attribute_values.category,
        case
            when ranked_categories.place > {{ most_levels }} then {{ most_levels + 1 }}
            when attribute_values.attribute_kind = 'category' then ranked_categories.place
            when attribute_values.measure is not null
                then 1
                    {%- for edge in range(1, 5) %}
                        + case when attribute_values.measure > {{ element('quintiles.edges', edge) }} then 1 else 0 end
                    {%- endfor %}
        end as place
    from attribute_values
    left join ranked_categories
        on attribute_values.attribute = ranked_categories.attribute
            and attribute_values.category = ranked_categories.category
    left join quintiles
        on attribute_values.attribute = quintiles.attribute

),

named_levels as (

    select
        attribute,
        attribute_kind,
        place,
        -- a level without a place, the missing ones, comes last
        cast(row_number() over (partition by attribute order by place is null, place) as bigint) as level_position,
        min(category) as category,
        min(measure) as lowest,
        max(measure) as highest
    from placed
    group by
        attribute,
        attribute_kind,
        place

),

levels as (

    select

        ---------- keys
        placed.customer_id,
        placed.attribute,

        ---------- what it is
        placed.attribute_kind,
        case
            when named_levels.place is null then '(missing)'
            when placed.attribute_kind = 'category' and named_levels.place > {{ most_levels }} then '(other)'
            when placed.attribute_kind = 'category' then named_levels.category
            else cast(named_levels.level_position as string) || ': '
                || {{ measure_text('named_levels.lowest', 'placed.attribute_kind') }}
                || case
                    when named_levels.highest > named_levels.lowest
                        then ' to ' || {{ measure_text('named_levels.highest', 'placed.attribute_kind') }}
                    else ''
                end
        end as attribute_level,
        named_levels.level_position,
        case when placed.attribute_kind = 'number' then placed.measure end as measure

    from placed
    inner join named_levels
        on placed.attribute = named_levels.attribute
            and placed.place is not distinct from named_levels.place

)

select * from levels
