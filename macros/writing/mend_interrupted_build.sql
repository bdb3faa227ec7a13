{#
    Before a build, puts right what an earlier one left behind that was killed, where the engine does not do so itself.
#}
{% macro mend_interrupted_build() %}
    {% if execute %}
        {{ return(adapter.dispatch('mend_interrupted_build', 'customer_segmentation')()) }}
    {% endif %}
{% endmacro %}

{% macro default__mend_interrupted_build() %}
{% endmacro %}

{#
    Spark enters a table into its catalogue when all rows are written: of one that is not there a folder may be, in
    which no table can be made; and a table that was being written anew may be whole, but beside its place. In a
    schema that no run has entered yet there is nothing to look for.
#}
{% macro spark__mend_interrupted_build() %}
    {% set entered = [] %}
    {% for id in selected_resources if id in graph.nodes %}
        {% set node = graph.nodes[id] %}
        {% if node.package_name == 'customer_segmentation' and node.resource_type in ['model', 'seed']
              and node.config.materialized != 'view' %}
            {% set relation = api.Relation.create(schema=node.schema, identifier=node.alias, type='table') %}
            {% if node.schema not in entered | map('first') %}
                {% do entered.append((node.schema, is_entered(relation))) %}
            {% endif %}
            {% if (node.schema, true) in entered %}
                {% do mend(relation, 'using ' ~ (node.config.get('file_format') or 'parquet')) %}
                {% if node.language == 'python' and node.config.materialized == 'incremental' %}
                    {% do drop_with_its_folder(relation.incorporate(path={'identifier': node.alias ~ '__dbt_tmp'})) %}
                {% endif %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# Whether a run has been in the schema of the relation before; from now on one has. #}
{% macro is_entered(relation) %}
    {% set schema = relation.without_identifier() %}
    {% for row in run_query('describe schema extended ' ~ schema).rows
       if row[0] == 'Properties' and 'segmentation.entered' in row[1] %}
        {{ return(true) }}
    {% endfor %}
    {% do run_query('alter schema ' ~ schema ~ " set dbproperties ('segmentation.entered' = 'true')") %}
    {{ return(false) }}
{% endmacro %}


{% macro mend(relation, file_format) %}
    {% if load_relation(relation) is none %}
        {% do drop_with_its_folder(relation) %}
        {% set beside = relation_beside(relation) %}
        {% if load_relation(beside) is not none %}
            {% do put_in_place(relation, beside, file_format) %}
            {% do adapter.cache_added(relation) %}
        {% endif %}
    {% endif %}
{% endmacro %}
