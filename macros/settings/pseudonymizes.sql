{#
    Whether ids are hashed. What is neither true nor false counts as false until check_settings() has named it.
#}
{% macro pseudonymizes() %}
    {{ return(setting('pseudonymize') == true) }}
{% endmacro %}


{# Sentences, none or one: ids are to be hashed and there is no secret to do it with. Says nothing about what there is. #}
{% macro missing_secret() %}
    {% if not pseudonymizes() or env_var('SEGMENTATION_SECRET', '') | trim | length >= 16 %}
        {{ return([]) }}
    {% endif %}
    {{ return([
        'segmentation_pseudonymize is true, but the environment variable SEGMENTATION_SECRET '
        ~ ('is too short' if env_var('SEGMENTATION_SECRET', '') | trim else 'is not set')
        ~ ': it must hold at least 16 characters, so set it to a random text that you keep, such as the output of '
        ~ '`openssl rand -hex 32`.'
    ]) }}
{% endmacro %}


{#
    Sentences, none or one: segments_snapshot remembers customers by other ids than this run would give them, so
    that everybody would be new and their history nobody's.
#}
{% macro changed_secret() %}
    {% set keys = relation_of('model.customer_segmentation.customer_keys') %}
    {% set snapshot = relation_of('snapshot.customer_segmentation.segments_snapshot') %}
    {% if snapshot is none or flags.EMPTY or not run_query('select 1 from ' ~ snapshot ~ ' limit 1').rows %}
        {{ return([]) }}
    {% endif %}
    {% set before = run_query('select secret_fingerprint from ' ~ keys).rows[0][0] if keys is not none else none %}
    {% set now = secret_fingerprint() if pseudonymizes() else none %}
    {% if before == now %}
        {{ return([]) }}
    {% endif %}
    {% if before is none %}
        {% set change = 'segmentation_pseudonymize is true, but segments_snapshot remembers customers by your own ids' %}
        {% set remedy = 'set it to false again' %}
    {% elif now is none %}
        {% set change = 'segmentation_pseudonymize is false, but segments_snapshot remembers customers by hashed ids' %}
        {% set remedy = 'set it to true again' %}
    {% else %}
        {% set change = 'SEGMENTATION_SECRET is not the one (its fingerprint is ' ~ now ~ ', not ' ~ before
            ~ ') that the ids in segments_snapshot were hashed with' %}
        {% set remedy = 'set it back' %}
    {% endif %}
    {{ return([
        change ~ ', so that everybody would be new: ' ~ remedy ~ ', or begin anew with '
        ~ "`dbt run-operation forget_customers --args '{everyone: true}'`, which removes all customers and their history."
    ]) }}
{% endmacro %}
