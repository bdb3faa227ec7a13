{#
    The list `own` with one element of the list `other` in place of its own: that at the place which `name`
    has among `names`, if any.
#}
{% macro with_value_of(own, other, name, names) %}
    {{ return(adapter.dispatch('with_value_of', 'customer_segmentation')(own, other, name, names)) }}
{% endmacro %}

{% macro default__with_value_of(own, other, name, names) -%}
    {{ list_map(
        whole_numbers(1, names | length), 'p',
        'case when p = ' ~ place_in_list(text_list_of(names), name) ~ ' then ' ~ element(other, 'p')
        ~ ' else ' ~ element(own, 'p') ~ ' end'
    ) }}
{%- endmacro %}
