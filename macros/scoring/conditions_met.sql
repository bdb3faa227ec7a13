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
    {%- set number = element(numbers, 'condition.place') -%}
    {%- set is_listed = is_in_list('condition.levels', element(texts, 'condition.place')) -%}
    coalesce({{ list_all(list_map(
        number_conditions, 'condition',
        'coalesce(' ~ number ~ ' > condition.lower and ' ~ number ~ ' <= condition.upper, condition.takes_null)'
    )) }}, true)
    and case
        when {{ list_length(level_conditions) }} > 0
            then {{ list_all(list_map(
                level_conditions, 'condition', 'coalesce(' ~ is_listed ~ ' = condition.is_listed, condition.takes_null)'
            )) }}
        else true
    end
{%- endmacro %}


{# The conditions on numbers, with an infinite bound where there is none. #}
{% macro bounded_conditions(conditions) %}
    {{ return(adapter.dispatch('bounded_conditions', 'customer_segmentation')(conditions)) }}
{% endmacro %}

{% macro default__bounded_conditions(conditions) -%}
    {{ list_map(
        list_kept(conditions, 'condition', 'condition.levels is null'),
        'condition',
        record_of({
            'place': 'condition.place',
            'lower': "coalesce(condition.lower, cast('-infinity' as double))",
            'upper': "coalesce(condition.upper, cast('infinity' as double))",
            'takes_null': 'condition.takes_null',
        })
    ) }}
{%- endmacro %}


{# The conditions on categories. #}
{% macro listed_conditions(conditions) %}
    {{ return(adapter.dispatch('listed_conditions', 'customer_segmentation')(conditions)) }}
{% endmacro %}

{% macro default__listed_conditions(conditions) -%}
    {{ list_kept(conditions, 'condition', 'condition.levels is not null') }}
{%- endmacro %}
