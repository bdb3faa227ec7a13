{#
    How much of the customer belongs to the nearest segment, 0 to 1, from the list of distances d of the
    segments and the smallest of them, by the rule of the registry row `model`:

    - softmax: exp(-d) over its sum, for a mixture the posterior probability of the component. The
      distance of the nearest is subtracted first, or far away all of them would be 0.
    - inverse_distance: 1 / d over its sum, the membership of fuzzy c-means with m = 2 (Bezdek 1981); with
      a segment 0 at a fixed distance that of noise clustering (Davé 1991). On a prototype it is 1,
      halfway between two segments it is one half at most.
#}
{% macro membership(distances, smallest, model='model') %}
    {{ return(adapter.dispatch('membership', 'customer_segmentation')(distances, smallest, model)) }}
{% endmacro %}

{% macro default__membership(distances, smallest, model) -%}
    case
        when {{ model }}.membership_rule = 'softmax'
            then 1 / {{ list_total(list_map(distances, 'distance', 'exp(' ~ smallest ~ ' - distance)')) }}
        when {{ smallest }} <= 0 then 1
        else 1 / {{ list_total(list_map(distances, 'distance', smallest ~ ' / distance')) }}
    end
{%- endmacro %}
