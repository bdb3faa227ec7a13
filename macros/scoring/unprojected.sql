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
        else {{ list_map(
            positions(element(projection, 1)), 'p',
            inner_product(list_map(projection, 'component', element('component', 'p')), vector)
        ) }}
    end
{%- endmacro %}
