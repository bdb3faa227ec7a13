{#
    Whether all conditions of a rule hold for a customer with these numbers and texts per input of the model.
    The conditions are in two lists, as a number needs no look at levels: those on numbers with both bounds
    (see bounded_conditions()), and those on categories (see listed_conditions()).
#}
{% macro conditions_met(number_conditions, level_conditions, numbers, texts) %}
    {{ return(adapter.dispatch('conditions_met', 'customer_segmentation')(
        number_conditions, level_conditions, numbers, texts
    )) }}
{% endmacro %}

{% macro default__conditions_met(number_conditions, level_conditions, numbers, texts) -%}
    coalesce(list_bool_and(list_transform(
        {{ number_conditions }},
        lambda condition: coalesce(
            {{ numbers }}[condition.place] > condition.lower and {{ numbers }}[condition.place] <= condition.upper,
            condition.takes_null
        )
    )), true)
    and case
        when len({{ level_conditions }}) > 0
            then list_bool_and(list_transform(
                {{ level_conditions }},
                lambda condition: coalesce(
                    list_contains(condition.levels, {{ texts }}[condition.place]) = condition.is_listed,
                    condition.takes_null
                )
            ))
        else true
    end
{%- endmacro %}


{# The conditions on numbers, with an infinite bound where there is none. #}
{% macro bounded_conditions(conditions) %}
    {{ return(adapter.dispatch('bounded_conditions', 'customer_segmentation')(conditions)) }}
{% endmacro %}

{% macro default__bounded_conditions(conditions) -%}
    list_transform(
        list_filter({{ conditions }}, lambda condition: condition.levels is null),
        lambda condition: struct_pack(
            place := condition.place,
            lower := coalesce(condition.lower, cast('-infinity' as double)),
            upper := coalesce(condition.upper, cast('infinity' as double)),
            takes_null := condition.takes_null
        )
    )
{%- endmacro %}


{# The conditions on categories. #}
{% macro listed_conditions(conditions) %}
    {{ return(adapter.dispatch('listed_conditions', 'customer_segmentation')(conditions)) }}
{% endmacro %}

{% macro default__listed_conditions(conditions) -%}
    list_filter({{ conditions }}, lambda condition: condition.levels is not null)
{%- endmacro %}
