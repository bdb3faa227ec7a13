{#
    Columns that scoring needs beside those of a registry row, worked out once for the row instead of
    once for each customer.

    A position is 0 where there is nothing to be found: list_select() gives a null for it.
#}
{% macro scoring_columns(registry) %}
    {{ return(adapter.dispatch('scoring_columns', 'customer_segmentation')(registry)) }}
{% endmacro %}

{% macro default__scoring_columns(registry) -%}
    {%- set inputs = 'range(1, len(' ~ registry ~ '.input_names) + 1)' -%}
    {%- set level -%}
        substr({{ registry }}.input_names[p], len({{ registry }}.feature_names[p]) + 2)
    {%- endset -%}
    list_sort(list_distinct({{ registry }}.prototype_segment_id)) as segment_ids,
    list_bool_and(list_transform(
        {{ registry }}.prototype_weight, lambda weights: list_min(weights) = list_max(weights)
    )) as is_unweighted,
    list_transform(
        {{ inputs }},
        lambda p: case
            when {{ registry }}.transform[p] = 'one_hot' then 0
            else coalesce(
                list_position(['{{ numeric_columns() | join("', '") }}'], {{ registry }}.feature_names[p]), 0
            )
        end
    ) as number_position,
    list_transform(
        {{ inputs }},
        lambda p: case
            when {{ registry }}.transform[p] = 'one_hot'
                then coalesce(
                    list_position(['{{ text_columns() | join("', '") }}'], {{ registry }}.feature_names[p]), 0
                )
            else 0
        end
    ) as text_position,
    list_transform(
        {{ inputs }},
        lambda p: case when {{ registry }}.transform[p] = 'one_hot' then {{ level }} end
    ) as input_level,
    list_transform(
        {{ inputs }},
        lambda wanted: case
            when {{ registry }}.transform[wanted] = 'one_hot'
                then list_transform(
                    list_filter(
                        {{ inputs }},
                        lambda p: {{ registry }}.feature_names[p] = {{ registry }}.feature_names[wanted]
                    ),
                    lambda p: {{ level }}
                )
        end
    ) as feature_levels
{%- endmacro %}
