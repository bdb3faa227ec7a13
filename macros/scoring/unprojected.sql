{#
    The list of inputs, scaled, that a vector in the space of the model stands for: the transpose of the
    projection times the vector, and the vector itself without one. What the projection left out is
    taken as average.
#}
{% macro unprojected(vector, projection) %}
    {{ return(adapter.dispatch('unprojected', 'customer_segmentation')(vector, projection)) }}
{% endmacro %}

{% macro default__unprojected(vector, projection) -%}
    case
        when {{ projection }} is null then {{ vector }}
        else list_transform(
            range(1, len({{ projection }}[1]) + 1),
            lambda p: list_inner_product(
                list_transform({{ projection }}, lambda component: component[p]), {{ vector }}
            )
        )
    end
{%- endmacro %}
