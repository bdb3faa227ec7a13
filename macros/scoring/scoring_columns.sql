{#
    Columns that scoring needs beside those of a registry row, worked out once for the row instead of
    once for each customer.

    A position is 0 where there is nothing to be found: list_picked() gives a null for it.
#}
{% macro scoring_columns(registry) %}
    {{ return(adapter.dispatch('scoring_columns', 'customer_segmentation')(registry)) }}
{% endmacro %}

{% macro default__scoring_columns(registry) -%}
    {%- set inputs = positions(registry ~ '.input_names') -%}
    {%- set feature = element(registry ~ '.feature_names', 'p') -%}
    {%- set is_category = element(registry ~ '.transform', 'p') ~ " = 'one_hot'" -%}
    {%- set level -%}
        substr({{ element(registry ~ '.input_names', 'p') }}, length({{ feature }}) + 2)
    {%- endset -%}
    {%- set levels_of_feature = list_map(
        list_kept(inputs, 'p', feature ~ ' = ' ~ element(registry ~ '.feature_names', 'wanted')), 'p', level
    ) -%}
    {{ sorted_set(registry ~ '.prototype_segment_id') }} as segment_ids,
    {{ list_all(list_map(
        registry ~ '.prototype_weight', 'weights', list_smallest('weights') ~ ' = ' ~ list_largest('weights')
    )) }} as is_unweighted,
    {{ list_map(
        inputs, 'p',
        'case when ' ~ is_category ~ ' then 0 else coalesce('
        ~ place_in_list(text_list_of(numeric_columns()), feature) ~ ', 0) end'
    ) }} as number_position,
    {{ list_map(
        inputs, 'p',
        'case when ' ~ is_category ~ ' then coalesce('
        ~ place_in_list(text_list_of(text_columns()), feature) ~ ', 0) else 0 end'
    ) }} as text_position,
    {{ list_map(inputs, 'p', 'case when ' ~ is_category ~ ' then ' ~ level ~ ' end') }} as input_level,
    {{ list_map(
        inputs, 'wanted',
        'case when ' ~ element(registry ~ '.transform', 'wanted') ~ " = 'one_hot' then " ~ levels_of_feature ~ ' end'
    ) }} as feature_levels
{%- endmacro %}
