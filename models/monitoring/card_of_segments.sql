with

profiles as (

    select * from {{ ref('segment_profiles') }}

),

drivers as (

    select * from {{ ref('segment_drivers') }}

),

rules as (

    select * from {{ ref('segment_rules') }}

),

kpis as (

    select * from {{ ref('segment_kpis') }}
    where period = 'all' and scope = 'segment'

),

backtest as (

    select * from {{ ref('lifetime_backtest') }}
    where repeats = 'all'

),

---------- the sections

segment_list as (

    select
        '## Segments' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Id', 'Segment', 'Customers', 'Share', 'Revenue', 'Recency (days)', 'Orders', 'Spend', 'Goal'],
            [
                'cast(segment_id as string)', 'segment_name', 'cast(customers as string)',
                percentage('customer_share'), percentage('revenue_share'),
                number_or_null('median_recency_days', 0), number_or_null('median_frequency', 1),
                number_or_null('median_monetary'), 'goal',
            ],
            'segment_id'
        ) }}
        || {{ new_line(2) }} || 'Recency, orders and spend are medians; revenue is the share of all.' as markdown
    from profiles

),

distinctions as (

    select
        '### What sets them apart' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Segment', 'Feature', 'Mean', 'Mean of all', 'Standard deviations from all', 'Importance'],
            [
                'segment_name', 'input', number_or_null('mean'), number_or_null('mean_of_all'),
                number_or_null('standardised_difference'), percentage('importance'),
            ],
            'segment_id, rank'
        ) }}
        || {{ new_line(2) }}
        || 'Importance: share of the segment that would fall into another one if the feature were shuffled.'
            as markdown
    from drivers
    where rank <= 2

),

rule_list as (

    select
        '### Rules' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Segment', 'Rule', 'Customers', 'Precision'],
            [
                'segment_name', "'`' || predicate || '`'", 'cast(customers as string)', percentage('precision'),
            ],
            'rule_id'
        ) }}
        || {{ new_line(2) }} || max(remark) as markdown
    from rules

),

value as (

    select
        '## Value' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Segment', 'Expected in 365 days', 'Per customer', 'Churned', 'Conversion'],
            [
                'segment_name', number_or_null('discounted_value_365_days'),
                number_or_null('mean_discounted_value_365_days'), percentage('churn_rate'),
                percentage('conversion_rate'),
            ],
            'segment_id'
        ) }} as markdown
    from kpis

),

forecast as (

    select
        '### Forecast held against what came' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Model', 'Days', 'Orders that came', 'Forecast', 'Error'],
            [
                'model', 'cast(holdout_days as string)', 'cast(actual_orders as string)',
                number_or_null('predicted_orders', 0), percentage('error_share'),
            ],
            'model'
        ) }} as markdown
    from backtest

),

card as (

    select
        8 as position,
        'segment_list' as section,
        markdown
    from segment_list
    where markdown is not null

    union all

    select
        9 as position,
        'distinctions' as section,
        markdown
    from distinctions
    where markdown is not null

    union all

    select
        10 as position,
        'rule_list' as section,
        markdown
    from rule_list
    where markdown is not null

    union all

    select
        11 as position,
        'value' as section,
        markdown
    from value
    where markdown is not null

    union all

    select
        12 as position,
        'forecast' as section,
        markdown
    from forecast
    where markdown is not null

)

select * from card
