{#
    Pre-hook of the models that scale features, segment_assignments and segment_quality: the newest model must have been fitted on today's features. It
    was not when somebody changes them and builds the segments alone.
#}
{% macro check_model() %}
    {% if execute and not flags.EMPTY %}
        {% set query %}
            select model_version, array_to_string(feature_names, ', ')
            from {{ ref('current_model') }}
        {% endset %}
        {% set rows = run_query(query).rows %}
        {% set features = setting('features') | join(', ') %}
        {% if not rows %}
            {% do exceptions.raise_compiler_error(
                'segment_model holds no model yet: build it first, with `dbt build --select +segments`.'
            ) %}
        {% elif rows[0][1] != features %}
            {% do exceptions.raise_compiler_error(
                'segmentation_features is [' ~ features ~ '], but model version ' ~ rows[0][0] ~ ' was fitted on ['
                ~ rows[0][1] ~ ']: fit a new one with `dbt build --select +segments`.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
