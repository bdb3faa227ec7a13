{#
    Select: one row per feature of the registry row `model`, with the bins and shares frozen at its
    training (see drift_bins in segment_model) and where to find its value today. Both positions are
    null for a feature that customer_features does not have any more.
#}
{% macro drift_features(model) %}
    {{ return(adapter.dispatch('drift_features', 'customer_segmentation')(model)) }}
{% endmacro %}

{% macro default__drift_features(model) -%}
    select
        frozen.feature,
        frozen.edges,
        frozen.levels,
        frozen.shares,
        case
            when frozen.levels is null
                then {{ place_in_list(text_list_of(numeric_columns()), 'frozen.feature') }}
        end as number_position,
        case
            when frozen.levels is not null
                then {{ place_in_list(text_list_of(text_columns()), 'frozen.feature') }}
        end as text_position
    from (
        select {{ unnested([('drift_bins', 'frozen')]) }}
        from {{ model }}
    ) as drifting
{%- endmacro %}
