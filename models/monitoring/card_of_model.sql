{%- set transactions = text_literal(relation_as_written('transactions')) %}

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

candidates as (

    select candidates.*
    from {{ ref('segment_candidates') }} as candidates
    inner join model
        on candidates.model_version = model.model_version

),

inputs as (

    select
        {{ unnested([
            (positions('input_names'), 'place'),
            ('input_names', 'input'),
            ('transform', 'transform'),
            ('imputation', 'imputation'),
            ('lower_bound', 'lower_bound'),
            ('upper_bound', 'upper_bound'),
        ]) }}
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
        || cast(total.customers as string) || ' customers in ' || cast(model.k as string) || ' segments by '
        || model.algorithm || ', version ' || cast(model.model_version as string) || ' of the model, as of '
        || {{ minute_text('observation.as_of') }} || ' UTC.' as markdown
    from model
    cross join observation
    cross join total

),

data as (

    select
        '## Data' || {{ new_line(2) }}
        || '- Transactions: `' || {{ transactions }} || '`'
        || {{ new_line() }} || '- Observed: ' || {{ minute_text('observation.first_order_at') }} || ' to '
        || {{ minute_text('observation.as_of') }} || ' UTC' || {{ new_line() }}
        || '- Lines: ' || cast(audit.rows_checked as string) || ', of which '
        || cast(audit.rows_checked - audit.rows_failed as string) || ' were kept' || {{ new_line() }}
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
                ["replace(check_name, '_', ' ')", 'cast(rows_failed as string)', in_words('amount_failed')],
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
        || '- ' || model.algorithm || ', k = ' || cast(model.k as string) || ': ' || model.reason || {{ new_line() }}
        || '- Fitted on ' || cast(model.training_rows as string) || ' customers as of '
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
                'algorithm', 'cast(k as string)', number_or_null('silhouette', 3),
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
        || {{ markdown_table(
            ['Segment', 'Customers', 'Silhouette', 'Davies–Bouldin', 'Calinski–Harabasz', 'Mean distance to the centre'],
            [
                "coalesce(segment_name, 'All')", 'cast(customers as string)',
                number_or_null('silhouette_squared_euclidean', 3), number_or_null('davies_bouldin', 3),
                number_or_null('calinski_harabasz', 1), number_or_null('mean_distance', 3),
            ],
            'segment_id is null, segment_id'
        ) }}
        || {{ new_line(2) }}
        || 'Over all customers; the silhouette is the one with squared Euclidean distances.' as markdown
    from quality

),

card as (

    select
        1 as position,
        'headline' as section,
        markdown
    from headline
    where markdown is not null

    union all

    select
        2 as position,
        'data' as section,
        markdown
    from data
    where markdown is not null

    union all

    select
        3 as position,
        'cleaning' as section,
        markdown
    from cleaning
    where markdown is not null

    union all

    select
        4 as position,
        'features' as section,
        markdown
    from features
    where markdown is not null

    union all

    select
        5 as position,
        'parameters' as section,
        markdown
    from parameters
    where markdown is not null

    union all

    select
        6 as position,
        'choice' as section,
        markdown
    from choice
    where markdown is not null

    union all

    select
        7 as position,
        'metrics' as section,
        markdown
    from metrics
    where markdown is not null

)

select * from card
