{#
    Makes an earlier version the newest again, by appending a copy of it. The registry is only ever
    added to, so that this can be taken back the same way.

        dbt run-operation promote_model --args '{version: 1}'

    The copy keeps when and on whom it was fitted, so its age and drift count from there. It is accepted
    with the settings of today: only another change of them makes `segmentation_refit: auto` fit again.
#}
{% macro promote_model(version) %}
    {% set versions = registry_versions() %}
    {% set version = version | int %}
    {% if version not in versions %}
        {% do exceptions.raise_compiler_error(
            'promote_model got version ' ~ version ~ ', which segment_model does not hold: give one of '
            ~ (versions | join(', ') if versions else 'those that it will hold after a first `dbt build`') ~ '.'
        ) %}
    {% endif %}
    {% if version == versions[-1] %}
        {% do exceptions.raise_compiler_error(
            'promote_model got version ' ~ version ~ ', which is the newest already: there is nothing to do.'
        ) %}
    {% endif %}
    {# a fit that was interrupted has announced its number: see segmentation_runs #}
    {% set copy = 1 + [versions[-1], newest_candidate(), newest_version_in('segmentation_runs')] | max %}
    {% set registry = registry_relation() %}
    {% set settings_text = dbt.string_literal(dbt.escape_single_quotes(fit_settings())) %}
    {% set changed = {
        'model_version': copy | string,
        'previous_version': versions[-1] | string,
        'reason': "'promoted from version " ~ version ~ "'",
        'accepted_settings': settings_text,
        'lineage': promoted_lineage(registry, version, versions[-1]),
    } %}
    {% set columns = adapter.get_columns_in_relation(registry) | map(attribute='name') | list %}
    {% call statement('promote', auto_begin=true) %}
        insert into {{ registry }} ({{ columns | join(', ') }})
        select
            {%- for column in columns %}
            {{ changed.get(column, column) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ registry }}
        where model_version = {{ version }}
    {% endcall %}
    {# dbt rolls back what an operation leaves open #}
    {% do commit_operation() %}
    {% do print(
        'Version ' ~ copy ~ ' is a copy of version ' ~ version
        ~ ': the next `dbt build` scores with it.'
    ) %}
    {% if setting('model_version') is not none %}
        {% do print(
            'segmentation_model_version still pins version ' ~ setting('model_version')
            ~ ': set it to null, or nothing changes.'
        ) %}
    {% endif %}
{% endmacro %}


{% macro commit_operation() %}
    {{ return(adapter.dispatch('commit_operation', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__commit_operation() %}
    {% do run_query('commit') %}
{% endmacro %}

{# Every statement of Spark's is committed by itself. #}
{% macro spark__commit_operation() %}
{% endmacro %}


{#
    Expression: what becomes of the segments when a version is promoted over the newest. The ids of both
    are kept, those that only the promoted one has are born again under their own id, the others retire.
    Nothing was refitted, so no distance was measured.
#}
{% macro promoted_lineage(registry, version, newest) -%}
    {%- set event -%}
        case
            when replaced.segment_id is null then 'born'
            when promoted.segment_id is null then 'retired'
            else 'kept'
        end
    {%- endset -%}
    {%- set record = record_of({
        'segment_id': 'promoted.segment_id',
        'previous_segment_id': 'replaced.segment_id',
        'event': event,
        'distance': 'cast(null as double)',
        'customer_share': 'cast(null as double)',
    }) -%}
    (
        select {{ collected(record, 'coalesce(promoted.segment_id, replaced.segment_id)') }}
        from (
            select distinct {{ unnested([('prototype_segment_id', 'segment_id')]) }}
            from {{ registry }}
            where model_version = {{ version }}
        ) as promoted
        full outer join (
            select distinct {{ unnested([('prototype_segment_id', 'segment_id')]) }}
            from {{ registry }}
            where model_version = {{ newest }}
        ) as replaced
            on promoted.segment_id = replaced.segment_id
    )
{%- endmacro %}
