{# Names in segmentation_publish_tables that are no table of `publications`, with the nearest that is. #}
{% macro unknown_published_tables() %}
    {% set known = [] %}
    {% for id in graph.nodes['model.customer_segmentation.publications'].depends_on.nodes %}
        {% do known.append(graph.nodes[id].name) %}
    {% endfor %}
    {% set problems = [] %}
    {% for name in setting('publish_tables') if name not in known %}
        {% do problems.append(
            'segmentation_publish_tables names ' ~ name ~ ', which is not published: write ' ~ closest(name, known)
            ~ ', if that is what you mean, or remove it (default: [], all tables).'
        ) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
