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
    {% for node in graph.nodes.values()
       if node.package_name == 'customer_segmentation' and node.resource_type in ['model', 'seed', 'snapshot'] %}
        {% set relation = api.Relation.create(schema=node.schema, identifier=node.alias, type='table') %}
        {% set is_selected = node.unique_id in selected_resources %}
        {% if is_selected and node.language == 'python' and node.config.materialized == 'incremental' %}
            {% do drop_with_its_folder(relation.incorporate(path={'identifier': node.alias ~ '__dbt_tmp'})) %}
        {% endif %}
        {% if load_relation(relation) is none %}
            {# also where it is not built now: the copy may be the only one of a history #}
            {% if load_relation(relation_beside(relation)) is not none %}
                {% do put_back(relation, node) %}
            {% elif is_selected and may_have_been_begun(node) %}
                {% do drop_with_its_folder(relation) %}
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


{# Takes the whole copy beside the place of a table. #}
{% macro put_back(relation, node) %}
    {% do drop_with_its_folder(relation) %}
    {% do put_in_place(relation, relation_beside(relation), 'using ' ~ (node.config.get('file_format') or 'parquet')) %}
    {% do adapter.cache_added(relation) %}
{% endmacro %}
