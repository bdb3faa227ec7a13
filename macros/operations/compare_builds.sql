{#
    `dbt run-operation compare_builds --args '{earlier: 2025-06-01, later: 2025-12-01}'`: prints how many
    customers went from which segment to which between any two builds that segments_snapshot holds. A build is
    named by its end of observation (the newest as of it) or by its run_id. Nothing is written.
#}
{% macro compare_builds(earlier, later) %}
    {% set builds = recorded_build_list() %}
    {% do stop_with(unknown_build(builds, earlier) + unknown_build(builds, later)) %}
    {% set from_build = named_build(builds, earlier) %}
    {% set to_build = named_build(builds, later) %}
    {% set pairs = [] %}
    {% for row in run_query(migrations_between(from_build.run_at, to_build.run_at)).rows %}
        {# as text, blanks before digits before letters, they sort as they are to be read #}
        {% do pairs.append({
            'own': '%3d' | format(row[0] | int) if row[0] is not none else 'new',
            'other': '%3d' | format(row[2] | int) if row[2] is not none else 'gone',
            'own_name': row[1] or '', 'other_name': row[3] or '', 'customers': row[4] | int,
        }) %}
    {% endfor %}
    {% set moves = [] %}
    {% for pair in pairs | sort(attribute='customers', reverse=true)
          if pair.own != pair.other and pair.own != 'new' and pair.other != 'gone' %}
        {% do moves.append(pair) %}
    {% endfor %}
    {% set there = pairs | rejectattr('own', 'equalto', 'new') | sum(attribute='customers') %}
    {% set moved = moves | sum(attribute='customers') %}
    {% do print('Customers by segment as of ' ~ from_build.as_of ~ ' (rows) and as of ' ~ to_build.as_of ~ ' (columns)') %}
    {% do print(crosstab(pairs)) %}
    {% do print('') %}
    {% do print('%d of %d customers moved to another segment (%.1f %%).' | format(moved, there, 100 * moved / there)) %}
    {% for move in moves %}
        {% do print(
            '  %d from segment %s (%s) to segment %s (%s)'
            | format(move.customers, move.own | trim, move.own_name, move.other | trim, move.other_name)
        ) %}
    {% endfor %}
    {% if from_build.model_version != to_build.model_version %}
        {% do print(
            'Between the two, version ' ~ from_build.model_version ~ ' of the model gave way to version '
            ~ to_build.model_version ~ ': segments may have changed, and not only customers.'
        ) %}
    {% endif %}
{% endmacro %}


{# The builds in segment_builds, newest run first, each a mapping; times as text. #}
{% macro recorded_build_list() %}
    {% set builds = [] %}
    {% set relation = relation_of('model.customer_segmentation.segment_builds') %}
    {% if relation is not none %}
        {% set query %}
            select
                run_id,
                cast(run_at as {{ dbt.type_string() }}),
                cast(as_of as {{ dbt.type_string() }}),
                model_version
            from {{ relation }}
            order by
                run_at desc,
                run_id asc
        {% endset %}
        {% for row in run_query(query).rows %}
            {% do builds.append(
                {'run_id': row[0], 'run_at': row[1], 'as_of': row[2], 'model_version': row[3] | int}
            ) %}
        {% endfor %}
    {% endif %}
    {{ return(builds) }}
{% endmacro %}


{# The newest build with this run_id, or with an end of observation that begins like this; none without. #}
{% macro named_build(builds, name) %}
    {% set found = [] %}
    {% for build in builds if build.run_id == name | string or build.as_of.startswith(name | string) %}
        {% do found.append(build) %}
    {% endfor %}
    {{ return(found[0] if found else none) }}
{% endmacro %}


{# Sentences, none or one: a build that there is not. #}
{% macro unknown_build(builds, name) %}
    {% if named_build(builds, name) is not none %}
        {{ return([]) }}
    {% endif %}
    {{ return([
        'compare_builds was asked for the build ' ~ name ~ ', but segment_builds holds '
        ~ ('those as of ' ~ (builds | map(attribute='as_of') | unique | sort | join(', ')) if builds else 'none yet')
        ~ ': name one that is there by its end of observation or its run_id.'
    ]) }}
{% endmacro %}


{# Select: one row per pair of segments that some customer was in at the one run and is in at the other. #}
{% macro migrations_between(from_run_at, to_run_at) -%}
    with

    stays as (

        {{ recorded_stays() }}

    ),

    before as (

        select * from stays
        where valid_from <= {{ timestamp_literal(from_run_at) }}
            and valid_to > {{ timestamp_literal(from_run_at) }}

    ),

    after as (

        select * from stays
        where valid_from <= {{ timestamp_literal(to_run_at) }}
            and valid_to > {{ timestamp_literal(to_run_at) }}

    )

    select
        before.segment_id,
        before.segment_name,
        after.segment_id,
        after.segment_name,
        count(*)
    from before
    full outer join after
        on before.customer_id = after.customer_id
    group by
        before.segment_id,
        before.segment_name,
        after.segment_id,
        after.segment_name
    order by
        before.segment_id,
        after.segment_id
{%- endmacro %}
