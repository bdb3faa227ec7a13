{# Aggregate: SQL text that reads a column as the model does, a category: see read_as_number(). #}
{% macro read_as_category(column) %}
    {{ return(adapter.dispatch('read_as_category', 'customer_segmentation')(column)) }}
{% endmacro %}

{% macro default__read_as_category(column) -%}
    case
        when bool_or(cast({{ column }} as string) is distinct from {{ category_text(column) }})
            then '{{ category_text(column) | replace("'", "''") }}'
        else '{{ column }}'
    end
{%- endmacro %}
