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
    which no table can be made; and a table that was being written anew may be whole, but beside its place.
#}
{% macro spark__mend_interrupted_build() %}
    {# of every table, also those not built now: the copy beside may be the only one of a history #}
    {% for node in graph.nodes.values()
       if node.package_name == 'customer_segmentation' and node.resource_type in ['model', 'seed', 'snapshot'] %}
        {% set relation = api.Relation.create(schema=node.schema, identifier=node.alias, type='table') %}
        {% if load_relation(relation_beside(relation)) is not none and load_relation(relation) is none %}
            {% do mend(relation, format_of(node)) %}
        {% endif %}
    {% endfor %}
    {% for id in selected_resources if id in graph.nodes %}
        {% set node = graph.nodes[id] %}
        {% if node.package_name == 'customer_segmentation' and node.resource_type in ['model', 'seed', 'snapshot'] %}
            {% set relation = api.Relation.create(schema=node.schema, identifier=node.alias, type='table') %}
            {% if node.language == 'python' and node.config.materialized == 'incremental' %}
                {% do drop_with_its_folder(relation.incorporate(path={'identifier': node.alias ~ '__dbt_tmp'})) %}
            {% endif %}
            {% if load_relation(relation) is none and may_have_been_begun(node) %}
                {% do mend(relation, format_of(node)) %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# Whether all that the node reads is there: what was being written when the build was killed had read it. #}
{% macro may_have_been_begun(node) %}
    {% for id in node.depends_on.nodes if id in graph.nodes and graph.nodes[id].config.materialized != 'ephemeral' %}
        {% set parent = graph.nodes[id] %}
        {% if load_relation(api.Relation.create(schema=parent.schema, identifier=parent.alias)) is none %}
            {{ return(false) }}
        {% endif %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}


{# Clause: the files of a table, as its node has it. #}
{% macro format_of(node) %}
    {{ return('using ' ~ (node.config.get('file_format') or 'parquet')) }}
{% endmacro %}


{% macro mend(relation, file_format) %}
    {% do drop_with_its_folder(relation) %}
    {% set beside = relation_beside(relation) %}
    {% if load_relation(beside) is not none %}
        {% do put_in_place(relation, beside, file_format) %}
        {% do adapter.cache_added(relation) %}
    {% endif %}
{% endmacro %}
