{#
    An expression for each element of a list. The `name` it calls the element by must be no column in reach of the
    expression: a lambda hides it on one engine and not on another.
#}

{# The list of what an expression gives for each element, which it calls by a name. #}
{% macro list_map(list, name, expression) %}
    {{ return(adapter.dispatch('list_map', 'customer_segmentation')(list, name, expression)) }}
{% endmacro %}

{% macro default__list_map(list, name, expression) -%}
    list_transform({{ list }}, lambda {{ name }}: {{ expression }})
{%- endmacro %}

{% macro spark__list_map(list, name, expression) -%}
    transform({{ list }}, {{ name }} -> {{ expression }})
{%- endmacro %}


{# The elements for which a condition holds. #}
{% macro list_kept(list, name, condition) %}
    {{ return(adapter.dispatch('list_kept', 'customer_segmentation')(list, name, condition)) }}
{% endmacro %}

{% macro default__list_kept(list, name, condition) -%}
    list_filter({{ list }}, lambda {{ name }}: {{ condition }})
{%- endmacro %}

{% macro spark__list_kept(list, name, condition) -%}
    filter({{ list }}, {{ name }} -> {{ condition }})
{%- endmacro %}


{#
    The list of what an expression gives for the elements side by side of several lists of one length: it calls them
    together by a name, and each by beside(name, lists, number of the list). The lists are columns.
#}
{% macro lists_map(lists, name, expression) %}
    {{ return(adapter.dispatch('lists_map', 'customer_segmentation')(lists, name, expression)) }}
{% endmacro %}

{% macro default__lists_map(lists, name, expression) -%}
    list_transform(list_zip({{ lists | join(', ') }}), lambda {{ name }}: {{ expression }})
{%- endmacro %}

{% macro spark__lists_map(lists, name, expression) -%}
    transform(arrays_zip({{ lists | join(', ') }}), {{ name }} -> {{ expression }})
{%- endmacro %}


{# What lists_map() calls the element of a list, by the number of the list. #}
{% macro beside(name, lists, number) %}
    {{ return(adapter.dispatch('beside', 'customer_segmentation')(name, lists, number)) }}
{% endmacro %}

{% macro default__beside(name, lists, number) -%}
    {{ name }}[{{ number }}]
{%- endmacro %}

{% macro spark__beside(name, lists, number) -%}
    {{ name }}.{{ lists[number - 1].split('.') | last }}
{%- endmacro %}
