{#
    How much of the customer belongs to the nearest segment, 0 to 1, from the list of squared
    distances: inverse squared distance over its sum, the membership of fuzzy c-means with m = 2
    (Bezdek 1981). On a prototype it is 1; halfway between two segments it is one half at most.
#}
{% macro membership(distances, nearest) %}
    {{ return(adapter.dispatch('membership', 'customer_segmentation')(distances, nearest)) }}
{% endmacro %}

{% macro default__membership(distances, nearest) -%}
    case
        when {{ distances }}[{{ nearest }}] <= 0 then 1
        else 1 / list_sum(list_transform(
            {{ distances }}, lambda distance: {{ distances }}[{{ nearest }}] / distance
        ))
    end
{%- endmacro %}
