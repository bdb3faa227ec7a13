{#
    Pre-hook of segment_assignments: there must be a model to score with, and customer_features must
    still have every column that it reads. It has not when an attribute that an older version was
    fitted on is no longer carried along.
#}
{% macro check_model() %}
    {% if execute and not flags.EMPTY %}
        {% set pinned = setting('model_version') %}
        {% set versions = run_query('select model_version from ' ~ ref('current_model')).columns[0].values() %}
        {% if not versions and pinned is not none %}
            {% do exceptions.raise_compiler_error(
                'segmentation_model_version is ' ~ pinned ~ ', but segment_model holds no such version: '
                ~ 'set it to one that is there, or to null for the newest.'
            ) %}
        {% elif not versions %}
            {% do exceptions.raise_compiler_error(
                'segment_model holds no model yet: build it first, with `dbt build --select +segments`.'
            ) %}
        {% endif %}
        {% do stop_with(absent_features(ref('current_model'), versions[0])) %}
    {% endif %}
{% endmacro %}


{#
    Sentences, none or one: the columns that a version of the model reads and customer_features does not
    have. `registry` is segment_model or current_model, whichever the caller depends on.
#}
{% macro absent_features(registry, version) %}
    {% set query %}
        select
            {{ unnested([('feature_names', 'feature'), ('transform', 'transform')]) }}
        from {{ registry }}
        where model_version = {{ version }}
    {% endset %}
    {% set absent = [] %}
    {% for row in run_query(query).rows if row[0] not in (text_columns() if row[1] == 'one_hot' else numeric_columns()) %}
        {% do absent.append(row[0]) %}
    {% endfor %}
    {% if not absent %}
        {{ return([]) }}
    {% endif %}
    {{ return([
        'Model version ' ~ version ~ ' was fitted on ' ~ (absent | unique | join(', '))
        ~ ', which customer_features does not have now: name it in segmentation_attributes again, set '
        ~ 'segmentation_model_version to a version without it, or fit a new one with '
        ~ '`dbt build --select +segments`.'
    ]) }}
{% endmacro %}
