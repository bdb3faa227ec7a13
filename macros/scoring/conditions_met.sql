{#
    List of true or false, one element per condition of a rule, for a customer with these numbers and texts
    per input of the model.
#}
{% macro conditions_met(conditions, numbers, texts) %}
    {{ return(adapter.dispatch('conditions_met', 'customer_segmentation')(conditions, numbers, texts)) }}
{% endmacro %}

{% macro default__conditions_met(conditions, numbers, texts) -%}
    list_transform(
        {{ conditions }},
        lambda condition: case
            when condition.levels is not null
                then coalesce(
                    list_contains(condition.levels, {{ texts }}[condition.place]) = condition.is_listed,
                    condition.takes_null
                )
            when {{ numbers }}[condition.place] is null then condition.takes_null
            else (condition.lower is null or {{ numbers }}[condition.place] > condition.lower)
                and (condition.upper is null or {{ numbers }}[condition.place] <= condition.upper)
        end
    )
{%- endmacro %}
