{#
    Score 1 to 5: one more than the number of cut points strictly below the value, so that equal
    values always share a score. `edges` is the alias of a row of rfm_cut_points.
#}
{% macro score(value, edges) %}
    {{ return(adapter.dispatch('score', 'customer_segmentation')(value, edges)) }}
{% endmacro %}

{% macro default__score(value, edges) -%}
    (1
    {%- for share in [20, 40, 60, 80] %}
    + case when {{ value }} > {{ edges }}.edge_{{ share }} then 1 else 0 end
    {%- endfor %})
{%- endmacro %}
