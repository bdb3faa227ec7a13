{#- of an earlier build those may be missing whom the snapshot has been told to forget, and none may be too many -#}
{%- set forgets_some = forgets() or setting('history_days') is not none -%}

with

migrations as (

    select * from {{ ref('segment_migrations') }}

),

builds as (

    select * from {{ ref('segment_builds') }}

),

pairs as (

    select
        from_run_at,
        to_run_at,
        sum(case when movement != 'new' then customers else 0 end) as customers_from,
        sum(case when movement != 'gone' then customers else 0 end) as customers_to,
        sum(case when movement != 'gone' then revenue else 0 end) as revenue_to
    from migrations
    group by
        from_run_at,
        to_run_at

)

select
    pairs.*,
    earlier.customers as customers_then,
    later.customers as customers_now,
    later.revenue as revenue_now
from pairs
left join builds as earlier
    on pairs.from_run_at = earlier.run_at
left join builds as later
    on pairs.to_run_at = later.run_at
where {{
    'pairs.customers_from > coalesce(earlier.customers, 0)' if forgets_some
    else 'pairs.customers_from is distinct from earlier.customers'
}}
    or pairs.customers_to is distinct from later.customers
    or pairs.revenue_to is distinct from later.revenue
