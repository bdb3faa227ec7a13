{# Whether all elements of a list of booleans are true; nulls are passed over. Callers say what an empty list means. #}
{% macro list_all(list) %}
    {{ return(adapter.dispatch('list_all', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_all(list) -%}
    list_bool_and({{ list }})
{%- endmacro %}

{% macro spark__list_all(list) -%}
    array_min(filter({{ list }}, flag -> flag is not null))
{%- endmacro %}


{# The smallest element, nulls passed over. #}
{% macro list_smallest(list) %}
    {{ return(adapter.dispatch('list_smallest', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_smallest(list) -%}
    list_min({{ list }})
{%- endmacro %}

{% macro spark__list_smallest(list) -%}
    array_min({{ list }})
{%- endmacro %}


{# The largest element, nulls passed over. #}
{% macro list_largest(list) %}
    {{ return(adapter.dispatch('list_largest', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_largest(list) -%}
    list_max({{ list }})
{%- endmacro %}

{% macro spark__list_largest(list) -%}
    array_max({{ list }})
{%- endmacro %}


{# The sum of a list of doubles, nulls passed over; null without any. #}
{% macro list_total(list) %}
    {{ return(adapter.dispatch('list_total', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_total(list) -%}
    list_sum({{ list }})
{%- endmacro %}

{% macro spark__list_total(list) -%}
    aggregate({{ list }}, cast(null as double), (total, term) -> coalesce(total + term, total, term))
{%- endmacro %}


{# The sum of the products of the elements of two lists of doubles. #}
{% macro inner_product(list, other) %}
    {{ return(adapter.dispatch('inner_product', 'customer_segmentation')(list, other)) }}
{% endmacro %}

{% macro default__inner_product(list, other) -%}
    list_inner_product({{ list }}, {{ other }})
{%- endmacro %}

{% macro spark__inner_product(list, other) -%}
    aggregate(
        zip_with({{ list }}, {{ other }}, (one, another) -> one * another), cast(0 as double), (total, term) -> total + term
    )
{%- endmacro %}


{# The Euclidean distance of two lists of doubles. #}
{% macro euclidean_distance(list, other) %}
    {{ return(adapter.dispatch('euclidean_distance', 'customer_segmentation')(list, other)) }}
{% endmacro %}

{% macro default__euclidean_distance(list, other) -%}
    list_distance({{ list }}, {{ other }})
{%- endmacro %}

{% macro spark__euclidean_distance(list, other) -%}
    sqrt(aggregate(
        zip_with({{ list }}, {{ other }}, (one, another) -> (one - another) * (one - another)),
        cast(0 as double), (total, term) -> total + term
    ))
{%- endmacro %}
