{#
    Prints the segmentation card of the last build as Markdown:

        dbt --quiet run-operation segmentation_card > segmentation_card.md
#}
{% macro segmentation_card() %}
    {% set card = ref('customer_segmentation', 'segmentation_card') %}
    {% set sections = run_query('select markdown from ' ~ card ~ ' order by position').columns[0].values() %}
    {% if not sections %}
        {% do exceptions.raise_compiler_error(
            'segmentation_card has no content yet: build it first, with `dbt build`.'
        ) %}
    {% endif %}
    {% do print(sections | join('\n\n')) %}
{% endmacro %}
