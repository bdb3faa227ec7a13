{#
    Select: one row per stay of a customer in a segment that segments_snapshot holds, none before its first
    build. `segments` reads it as the last run left it, since a ref would close a circle; a model that comes
    after the snapshot says so by depends_on. A stay that goes on is valid to the end of time, so that
    `valid_from <= run_at and run_at < valid_to` is the state at any build.
#}
{% macro recorded_stays() %}
    {% set snapshot = relation_of('snapshot.customer_segmentation.segments_snapshot') %}
    {% set query %}
        select
            {%- if snapshot is not none %}
            customer_id,
            segment_id,
            segment_name,
            monetary,
            dbt_valid_from as valid_from,
            coalesce(dbt_valid_to, {{ timestamp_literal('9999-12-31') }}) as valid_to
        from {{ snapshot }}
            {%- else %}
            cast(null as string) as customer_id,
            cast(null as integer) as segment_id,
            cast(null as string) as segment_name,
            cast(null as decimal(38, 4)) as monetary,
            cast(null as timestamp) as valid_from,
            cast(null as timestamp) as valid_to
        where false
            {%- endif %}
    {% endset %}
    {{ return(query) }}
{% endmacro %}


{# Select: one row per build in segment_builds as the last run left it, none before the first. #}
{% macro recorded_builds() %}
    {% set builds = relation_of('model.customer_segmentation.segment_builds') %}
    {% set query %}
        select
            {%- if builds is not none %}
            run_at,
            as_of
        from {{ builds }}
            {%- else %}
            cast(null as timestamp) as run_at,
            cast(null as timestamp) as as_of
        where false
            {%- endif %}
    {% endset %}
    {{ return(query) }}
{% endmacro %}


{# The table of a node of this project as it stands, or none. #}
{% macro relation_of(unique_id) %}
    {% if execute %}
        {% set node = graph.nodes[unique_id] %}
        {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
    {% endif %}
{% endmacro %}


{#
    Condition: the snapshot still holds everybody of an earlier build, as far as segmentation_history_days is
    concerned; what it has forgotten since cannot be compared with.
#}
{% macro is_still_whole(build_run_at, run_at) -%}
    {%- if setting('history_days') is none -%}
        true
    {%- else -%}
        {{ build_run_at }} >= {{ run_at }} - {{ days_interval(setting('history_days')) }}
    {%- endif -%}
{%- endmacro %}
