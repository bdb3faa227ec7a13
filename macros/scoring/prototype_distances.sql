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
    case
        when {{ model }}.is_unweighted
            then list_transform(
                list_zip({{ model }}.prototype, {{ model }}.prototype_weight, {{ model }}.prototype_offset),
                lambda prototype:
                    prototype[3] + prototype[2][1] * pow(list_distance({{ vector }}, prototype[1]), 2)
            )
        else list_transform(
            range(1, len({{ model }}.prototype) + 1),
            lambda p:
                {{ model }}.prototype_offset[p] + list_sum(list_transform(
                    range(1, len({{ vector }}) + 1),
                    lambda j:
                        {{ model }}.prototype_weight[p][j]
                        * ({{ vector }}[j] - {{ model }}.prototype[p][j])
                        * ({{ vector }}[j] - {{ model }}.prototype[p][j])
                ))
        )
    end
{%- endmacro %}


{# Position of the nearest in a list of distances; of several equally near the first. #}
{% macro nearest(distances) -%}
    list_position({{ distances }}, list_min({{ distances }}))
{%- endmacro %}
