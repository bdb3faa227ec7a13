{# Sentences: settings that the engine of this run cannot follow. #}
{% macro settings_beyond_the_engine() %}
    {{ return(adapter.dispatch('settings_beyond_the_engine', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__settings_beyond_the_engine() %}
    {{ return([]) }}
{% endmacro %}

{% macro spark__settings_beyond_the_engine() %}
    {% set problems = [] %}
    {% if setting('publish_path') is not none %}
        {% do problems.append(
            'segmentation_publish_path is ' ~ setting('publish_path') ~ ', but files are published from DuckDB only: set it '
            ~ 'to null, and let readers query the tables in Spark.'
        ) %}
    {% endif %}
    {% do problems.extend(session_that_reads_otherwise()) if execute %}
    {% set python_models = [] %}
    {% for id in selected_resources if id in graph.nodes and graph.nodes[id].language == 'python' %}
        {% do python_models.append(graph.nodes[id].name) if graph.nodes[id].package_name == 'customer_segmentation' %}
    {% endfor %}
    {% if target.method == 'thrift' and python_models %}
        {% do problems.append(
            'The target ' ~ target.name ~ ' of your profile has the method thrift, but Python models ('
            ~ (python_models | sort | join(', ')) ~ ') run in a session of Spark or on Databricks only: set the method to '
            ~ 'session, with the address of your cluster as spark.master in server_side_parameters, or exclude these models.'
        ) %}
    {% endif %}
    {% if 'snapshot.customer_segmentation.segments_snapshot' in selected_resources and not takes_snapshots_of_package() %}
        {% do problems.append(
            'segments_snapshot cannot be built by dbt-spark on tables of Parquet files, and dbt asks for your consent before '
            ~ 'it takes the materialization of a package instead: write into macros/snapshot.sql of your project '
            ~ "`{% materialization snapshot, adapter='spark' %}{{ return(customer_segmentation.materialization_snapshot_spark()) }}"
            ~ '{% endmaterialization %}`.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}


{# Sentences: options of the session with which the same data would mean something else. dbt-spark sets ANSI mode off. #}
{% macro session_that_reads_otherwise() %}
    {% set zone = run_query('select current_timezone()').rows[0][0] %}
    {% if zone in ['UTC', 'Etc/UTC', 'GMT', 'Z', '+00:00'] %}
        {{ return([]) }}
    {% endif %}
    {{ return([
        'The time zone of the session of Spark is ' ~ zone ~ ', but times without a zone are UTC here: set '
        ~ 'spark.sql.session.timeZone to UTC in server_side_parameters of the target ' ~ target.name ~ ' of your profile.'
    ]) }}
{% endmacro %}


{# Whether dbt takes the materialization of snapshots that this package brings: of packages only on demand. #}
{% macro takes_snapshots_of_package() %}
    {{ return(
        project_name == 'customer_segmentation'
        or 'materialization_snapshot_spark' in context.get(project_name, {})
    ) }}
{% endmacro %}
