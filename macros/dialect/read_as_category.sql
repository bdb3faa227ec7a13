{# Aggregate: SQL text that reads a column as the model does, a category: see read_as_number(). #}
{% macro read_as_category(column) -%}
    case
        when bool_or(cast({{ column }} as string) is distinct from {{ category_text(column) }})
            then {{ text_literal(category_text(column)) }}
        else '{{ column }}'
    end
{%- endmacro %}
