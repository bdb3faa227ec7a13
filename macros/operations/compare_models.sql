{#
    `dbt run-operation compare_models --args '{version: 1, other_version: 2}'`: scores today's customers
    with two versions of the model, and prints how many are in each pair of segments, the adjusted Rand
    index of the two and how many customers move. Nothing is written.
#}
{% macro compare_models(version, other_version) %}
    {% set registry = ref('customer_segmentation', 'segment_model') %}
    {% for asked in [version, other_version] %}
        {% do stop_with(unknown_version('compare_models', asked) or absent_features(registry, asked)) %}
    {% endfor %}
    {% set pairs = [] %}
    {% for row in run_query(compared_segments(version, other_version)).rows %}
        {% do pairs.append({
            'own': row[0] | int, 'other': row[1] | int, 'customers': row[2] | int, 'rand_index': row[3] | float,
        }) %}
    {% endfor %}
    {% set customers = pairs | sum(attribute='customers') %}
    {% if not customers %}
        {% do print('There are no customers in feature_snapshot: build it first, with `dbt build --select +segments`.') %}
        {{ return(none) }}
    {% endif %}
    {% set moves = [] %}
    {% for pair in pairs | sort(attribute='customers', reverse=true) if pair.own != pair.other %}
        {% do moves.append(pair) %}
    {% endfor %}
    {% do print('Customers by segment in version ' ~ version ~ ' (rows) and version ' ~ other_version ~ ' (columns)') %}
    {% do print(crosstab(pairs)) %}
    {% do print('') %}
    {% do print(
        'Adjusted Rand index %.4f: 1 says the same groups, 0 no more alike than by chance.' | format(pairs[0].rand_index)
    ) %}
    {% do print(
        '%d of %d customers move to another segment (%.1f %%).'
        | format(moves | sum(attribute='customers'), customers, 100 * (moves | sum(attribute='customers')) / customers)
    ) %}
    {% for move in moves %}
        {% do print('  %d from segment %d to segment %d' | format(move.customers, move.own, move.other)) %}
    {% endfor %}
{% endmacro %}


{# Sentences, none or one: a version that the registry does not hold. #}
{% macro unknown_version(operation, version) %}
    {% set query = 'select model_version from ' ~ ref('customer_segmentation', 'segment_model') ~ ' order by 1' %}
    {% set versions = run_query(query).columns[0].values() | map('int') | list %}
    {% if version | int in versions %}
        {{ return([]) }}
    {% endif %}
    {{ return([
        operation ~ ' was asked for version ' ~ version ~ ', but segment_model holds '
        ~ (versions | join(', ') if versions else 'none yet') ~ ': name one that is there.'
    ]) }}
{% endmacro %}


{# Select: one row per pair of segments that some customer is in, with the adjusted Rand index in each. #}
{% macro compared_segments(version, other_version) -%}
    with

    customers as (

        select
            customer_id,
            {{ number_list() }} as numbers,
            {{ text_list() }} as texts
        from {{ ref('customer_segmentation', 'feature_snapshot') }}

    ),

    {%- for scored in [version, other_version] %}

    model_{{ loop.index }} as (

        select
            registry.*,
            {{ scoring_columns('registry') }}
        from {{ ref('customer_segmentation', 'segment_model') }} as registry
        where registry.model_version = {{ scored }}

    ),

    vectors_{{ loop.index }} as (

        {{ scored_vectors('customers', 'model_' ~ loop.index) }}

    ),

    distances_{{ loop.index }} as (

        select
            vectors.customer_id,
            {{ prototype_distances('vectors.vector') }} as distances
        from vectors_{{ loop.index }} as vectors
        cross join model_{{ loop.index }} as model

    ),

    segments_{{ loop.index }} as (

        select
            distances.customer_id,
            model.prototype_segment_id[{{ nearest('distances.distances') }}] as segment_id
        from distances_{{ loop.index }} as distances
        cross join model_{{ loop.index }} as model

    ),

    {%- endfor %}

    pairs as (

        select
            segments.segment_id,
            others.segment_id as other_segment_id,
            count(*) as customers
        from segments_1 as segments
        inner join segments_2 as others
            on segments.customer_id = others.customer_id
        group by
            segments.segment_id,
            others.segment_id

    ),

    agreement as (

        {{ adjusted_rand_index('pairs', 'segment_id', 'other_segment_id') }}

    )

    select
        pairs.segment_id,
        pairs.other_segment_id,
        pairs.customers,
        agreement.adjusted_rand_index
    from pairs
    cross join agreement
    order by
        pairs.segment_id,
        pairs.other_segment_id
{%- endmacro %}


{# Text: a row per segment, a column per segment of the other version, and the sums. #}
{% macro crosstab(pairs) %}
    {% set columns = pairs | map(attribute='other') | unique | sort | list %}
    {% set width = [8, pairs | sum(attribute='customers') | string | length + 2] | max %}
    {% set header = namespace(line='segment') %}
    {% for column in columns + ['all'] %}
        {% set header.line = header.line ~ ('%' ~ width ~ 's') | format(column) %}
    {% endfor %}
    {% set lines = [header.line] %}
    {% for own in pairs | map(attribute='own') | unique | sort | list + ['all'] %}
        {% set of_row = pairs if own == 'all' else pairs | selectattr('own', 'equalto', own) | list %}
        {% set row = namespace(line='%7s' | format(own)) %}
        {% for column in columns %}
            {% set row.line = row.line ~ ('%' ~ width ~ 'd') | format(
                of_row | selectattr('other', 'equalto', column) | sum(attribute='customers')
            ) %}
        {% endfor %}
        {% do lines.append(row.line ~ ('%' ~ width ~ 'd') | format(of_row | sum(attribute='customers'))) %}
    {% endfor %}
    {{ return(lines | join('\n')) }}
{% endmacro %}
