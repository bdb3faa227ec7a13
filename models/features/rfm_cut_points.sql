{{ config(materialized='table') }}

with

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

{%- set measures = ['recency_days', 'frequency', 'monetary'] %}

edges as (

    {%- for measure in measures %}
        select
            '{{ measure }}' as measure,
            {{ quantiles('cast(' ~ measure ~ ' as double)', [0.2, 0.4, 0.6, 0.8]) }} as edges
        from snapshot
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

),

cut_points as (

    select

        ---------- keys
        measure,

        ---------- edges
        {{ element('edges', 1) }} as edge_20,
        {{ element('edges', 2) }} as edge_40,
        {{ element('edges', 3) }} as edge_60,
        {{ element('edges', 4) }} as edge_80

    from edges

)

select * from cut_points
