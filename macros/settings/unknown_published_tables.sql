{# Names in segmentation_publish_tables that are no table of `publications`, with the nearest that is. #}
{% macro unknown_published_tables() %}
    {% set publications = graph.nodes['model.customer_segmentation.publications'] %}
    {% set known = [] %}
    {% for id in publications.depends_on.nodes if '.stg_' not in id %}
        {% do known.append(graph.nodes[id].name) %}
    {% endfor %}
    {% set problems = [] %}
    {% for name in setting('publish_tables') if name not in known %}
        {% do problems.append(
            'segmentation_publish_tables names ' ~ name ~ ', which is not published: write ' ~ closest(name, known)
            ~ ', if that is what you mean, or remove it (default: [], all tables).'
        ) %}
    {% endfor %}
    {% for name in setting('publish_tables') if setting('min_cell') and name in publications.config.meta.about_single_customers %}
        {% do problems.append(
            'segmentation_publish_tables names ' ~ name ~ ', which tells of single customers, but segmentation_min_cell is '
            ~ setting('min_cell') ~ ': remove the name, or set segmentation_min_cell to null.'
        ) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
