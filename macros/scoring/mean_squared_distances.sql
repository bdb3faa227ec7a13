{#
    The list of the mean squared distances from the list `vector` to the members of each segment, from the list
    `moments` of structs (mean, variance): the squared distance to their mean plus their variance, so that no pair of
    customers is ever compared.
#}
{% macro mean_squared_distances(vector, moments) %}
    {{ return(adapter.dispatch('mean_squared_distances', 'customer_segmentation')(vector, moments)) }}
{% endmacro %}

{% macro default__mean_squared_distances(vector, moments) -%}
    {{ list_map(moments, 'other', 'pow(' ~ euclidean_distance(vector, 'other.mean') ~ ', 2) + other.variance') }}
{%- endmacro %}
