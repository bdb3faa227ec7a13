{{ config(materialized='table') }}

with

model as (

    select * from {{ ref('current_model') }}

),

run as (

    select * from {{ ref('segmentation_runs') }}
    order by
        run_at desc,
        model_version desc
    limit 1

),

observation as (

    select * from {{ ref('observation_window') }}

),

audit as (

    select * from {{ ref('transaction_audit') }}

),

quality as (

    select * from {{ ref('segment_quality') }}

),

stability as (

    select * from {{ ref('segment_stability') }}

),

drift as (

    select * from {{ ref('feature_drift') }}

),

profiles as (

    select * from {{ ref('segment_profiles') }}

),

candidates as (

    select candidates.*
    from {{ ref('segment_candidates') }} as candidates
    inner join model
        on candidates.model_version = model.model_version

),

inputs as (

    select
        unnest(range(1, len(input_names) + 1)) as place,
        unnest(input_names) as input,
        unnest(transform) as transform,
        unnest(imputation) as imputation,
        unnest(lower_bound) as lower_bound,
        unnest(upper_bound) as upper_bound
    from model

),

total as (

    select
        count(*) as customers,
        sum(monetary) as revenue
    from {{ ref('segments') }}

),

---------- the sections

headline as (

    select
        '# Segmentation card' || {{ new_line(2) }}
        || cast(total.customers as varchar) || ' customers in ' || cast(model.k as varchar) || ' segments by '
        || model.algorithm || ', version ' || cast(model.model_version as varchar) || ' of the model, as of '
        || {{ minute_text('observation.as_of') }} || ' UTC.' as markdown
    from model
    cross join observation
    cross join total

),

data as (

    select
        '## Data' || {{ new_line(2) }}
        || '- Transactions: `' || {{ dbt.string_literal(dbt.escape_single_quotes(relation_as_written('transactions'))) }} || '`'
        || {{ new_line() }} || '- Observed: ' || {{ minute_text('observation.first_order_at') }} || ' to '
        || {{ minute_text('observation.as_of') }} || ' UTC' || {{ new_line() }}
        || '- Lines: ' || cast(audit.rows_checked as varchar) || ', of which '
        || cast(audit.rows_checked - audit.rows_failed as varchar) || ' were kept' || {{ new_line() }}
        || '- Net revenue of the segmented customers: ' || {{ in_words('total.revenue') }} as markdown
    from audit
    cross join observation
    cross join total
    where audit.check_name = 'kept_lines'

),

cleaning as (

    select
        '## Cleaning' || {{ new_line(2) }}
        || coalesce(
            {{ markdown_table(
                ['Set aside because', 'Lines', 'Amount'],
                ["replace(check_name, '_', ' ')", 'cast(rows_failed as varchar)', in_words('amount_failed')],
                'position'
            ) }},
            'No line was set aside.'
        ) as markdown
    from audit
    where rows_failed > 0
        and check_name in (
            {%- for reason in reject_reasons() %}
                '{{ reason.name }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

),

features as (

    select
        '## Features' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Feature', 'Transform', 'A gap becomes', 'Raised to at least', 'Lowered to at most'],
            [
                'input', 'transform', number_or_null('imputation'), number_or_null('lower_bound'),
                number_or_null('upper_bound'),
            ],
            'place'
        ) }} as markdown
    from inputs

),

parameters as (

    select
        '## Algorithm' || {{ new_line(2) }}
        || '- ' || model.algorithm || ', k = ' || cast(model.k as varchar) || ': ' || model.reason || {{ new_line() }}
        || '- Fitted on ' || cast(model.training_rows as varchar) || ' customers as of '
        || {{ minute_text('model.as_of') }} || ' UTC' || {{ new_line() }}
        || '- This run: ' || run.reason || {{ new_line() }}
        || '- Fidelity of the scores to the algorithm: ' || {{ percentage('model.fidelity') }} || {{ new_line() }}
        || '- Settings of the fit: `' || model.settings || '`' as markdown
    from model
    cross join run

),

choice as (

    select
        '### Candidates' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Algorithm', 'k', 'Silhouette', 'Calinski–Harabasz', 'Davies–Bouldin', 'Smallest segment', 'Why'],
            [
                'algorithm', 'cast(k as varchar)', number_or_null('silhouette', 3),
                number_or_null('calinski_harabasz', 1), number_or_null('davies_bouldin', 3),
                percentage('smallest_share'), 'reason',
            ],
            'algorithm, k'
        ) }} as markdown
    from candidates

),

metrics as (

    select
        '## Quality' || {{ new_line(2) }}
        || coalesce(max(case when scope = 'overall' then
            'Over all customers: silhouette (squared Euclidean) '
            || coalesce({{ number_or_null('silhouette_squared_euclidean', 3) }}, '–') || ', Davies–Bouldin '
            || coalesce({{ number_or_null('davies_bouldin', 3) }}, '–') || ', Calinski–Harabasz '
            || coalesce({{ number_or_null('calinski_harabasz', 1) }}, '–') || '.' || {{ new_line(2) }}
        end), '')
        || {{ markdown_table(
            ['Segment', 'Customers', 'Silhouette', 'Mean distance to the centre'],
            [
                'segment_name', 'cast(customers as varchar)', number_or_null('silhouette_squared_euclidean', 3),
                number_or_null('mean_distance', 3),
            ],
            'segment_id',
            "scope = 'segment'"
        ) }} as markdown
    from quality

),

segment_list as (

    select
        '## Segments' || {{ new_line(2) }}
        || {{ markdown_table(
            ['Id', 'Segment', 'Customers', 'Share', 'Revenue', 'Recency (days)', 'Orders', 'Spend', 'Goal'],
            [
                'cast(segment_id as varchar)', 'segment_name', 'cast(customers as varchar)',
                percentage('customer_share'), percentage('revenue_share'),
                number_or_null('median_recency_days', 0), number_or_null('median_frequency', 1),
                number_or_null('median_monetary'), 'goal',
            ],
            'segment_id'
        ) }}
        || {{ new_line(2) }} || 'Recency, orders and spend are medians; revenue is the share of all.' as markdown
    from profiles

),

warnings as (

    select message from stability
    where scope = 'overall' or status != 'pass'

    union all

    select message from drift
    where status != 'pass'

    union all

    select message from audit
    where status != 'pass'

),

limits as (

    select
        '## Limits' || {{ new_line(2) }}
        || {{ joined_text("'- ' || message", 'message', new_line()) }} || {{ new_line() }}
        || '- The segments describe what was observed; they do not say why customers behave as they do.'
        || {{ new_line() }}
        || '- A customer near a border could as well be in the next segment: see membership and runner_up_segment_id.'
            as markdown
    from warnings

),

sections as (

    {% for section in [
        'headline', 'data', 'cleaning', 'features', 'parameters', 'choice', 'metrics', 'segment_list', 'limits'
    ] -%}
        select
            cast({{ loop.index }} as integer) as position,
            '{{ section }}' as section,
            markdown
        from {{ section }}
        where markdown is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

card as (

    select
        sections.position,
        sections.section,
        sections.markdown,
        model.model_version,
        observation.as_of
    from sections
    cross join model
    cross join observation

)

select * from card
