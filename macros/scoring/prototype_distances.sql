{#
    The list of d_p(z) = offset_p + sum_j weight_pj * (z_j - prototype_pj)^2, one element a prototype
    of the registry row `model`, for the list `vector` in the space of the model.

    Where a prototype weighs all dimensions alike that is a squared Euclidean distance, which the engine
    computes in one call; the general form costs five times as much.
#}
{% macro prototype_distances(vector, model='model') %}
    {{ return(adapter.dispatch('prototype_distances', 'customer_segmentation')(vector, model)) }}
{% endmacro %}

{% macro default__prototype_distances(vector, model) -%}
    {%- set difference -%}
        ({{ element(vector, 'j') }} - {{ element(element(model ~ '.prototype', 'p'), 'j') }})
    {%- endset -%}
    {%- set weight = element(element(model ~ '.prototype_weight', 'p'), 'j') -%}
    {%- set lists = [model ~ '.prototype', model ~ '.prototype_weight', model ~ '.prototype_offset'] -%}
    case
        when {{ model }}.is_unweighted
            then {{ lists_map(
                lists, 'prototype',
                beside('prototype', lists, 3) ~ ' + ' ~ element(beside('prototype', lists, 2), 1)
                ~ ' * pow(' ~ euclidean_distance(vector, beside('prototype', lists, 1)) ~ ', 2)'
            ) }}
        else {{ list_map(
            positions(model ~ '.prototype'), 'p',
            element(model ~ '.prototype_offset', 'p') ~ ' + ' ~ list_total(
                list_map(positions(vector), 'j', weight ~ ' * ' ~ difference ~ ' * ' ~ difference)
            )
        ) }}
    end
{%- endmacro %}


{# Position of the nearest in a list of distances; of several equally near the first. #}
{% macro nearest(distances) -%}
    {{ place_in_list(distances, list_smallest(distances)) }}
{%- endmacro %}
