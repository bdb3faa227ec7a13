{#
    The list `own` with one element of the list `other` in place of its own: that at the place which `name`
    has among `names`, if any.
#}
{% macro with_value_of(own, other, name, names) %}
    {{ return(adapter.dispatch('with_value_of', 'customer_segmentation')(own, other, name, names)) }}
{% endmacro %}

{% macro default__with_value_of(own, other, name, names) -%}
    list_transform(
        range(1, {{ names | length }} + 1),
        lambda p: case
            when p = list_position(['{{ names | join("', '") }}'], {{ name }}) then {{ other }}[p]
            else {{ own }}[p]
        end
    )
{%- endmacro %}
