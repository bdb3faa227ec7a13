{{ config(materialized='table') }}

with

segments as (

    select * from {{ ref('segments') }}

),

scores as (

    select {{ unnested([(whole_numbers(1, 5), 'score')]) }}

),

-- The name that most customers of a cell carry; of two the first in the alphabet.
named as (

    select
        recency_score,
        frequency_score,
        rfm_segment,
        row_number() over (
            partition by recency_score, frequency_score
            order by count(*) desc, rfm_segment
        ) as name_rank
    from segments
    group by
        recency_score,
        frequency_score,
        rfm_segment

),

cells as (

    select
        recency_score,
        frequency_score,
        count(*) as customers,
        sum(monetary) as revenue
    from segments
    group by
        recency_score,
        frequency_score

),

totals as (

    select
        count(*) as customers,
        max(as_of) as as_of
    from segments

),

grid as (

    select

        ---------- keys
        cast(recency.score as integer) as recency_score,
        cast(frequency.score as integer) as frequency_score,

        ---------- name
        named.rfm_segment,

        ---------- lineage
        totals.as_of,

        ---------- size
        cast(coalesce(cells.revenue, 0) as decimal(38, 4)) as revenue,
        coalesce(cells.customers, 0) as customers,
        coalesce(cast(cells.customers as double) / nullif(totals.customers, 0), 0) as customer_share

    from scores as recency
    cross join scores as frequency
    cross join totals
    left join cells
        on recency.score = cells.recency_score
            and frequency.score = cells.frequency_score
    left join named
        on recency.score = named.recency_score
            and frequency.score = named.frequency_score
            and named.name_rank = 1

)

select * from grid
