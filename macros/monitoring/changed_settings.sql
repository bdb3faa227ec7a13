{#
    Select: one row in all, the column `changes` in words: `segmentation_k_max changed from 8 to 6`, null
    when nothing changed. `before` and `now` are JSON objects, expressions over the relation. 1 and 1.0
    are the same.
#}
{% macro changed_settings(before, now, relation) %}
    {{ return(adapter.dispatch('changed_settings', 'customer_segmentation')(before, now, relation)) }}
{% endmacro %}

{% macro default__changed_settings(before, now, relation) -%}
    with

    texts as (

        select
            {{ before }} as before,
            {{ now }} as now
        from {{ relation }}

    ),

    names as (

        select
            before,
            now,
            {{ unnested([(json_names('before'), 'name')]) }}
        from texts

        union

        select
            before,
            now,
            {{ unnested([(json_names('now'), 'name')]) }}
        from texts

    ),

    compared as (

        select
            name,
            {{ json_value('before', 'name') }} as value_before,
            {{ json_value('now', 'name') }} as value_now,
            {{ json_text('before', 'name') }} as text_before,
            {{ json_text('now', 'name') }} as text_now
        from names

    ),

    told as (

        select
            name,
            case
                when value_before is null then 'segmentation_' || name || ' is new (' || coalesce(text_now, 'null') || ')'
                when value_now is null then 'segmentation_' || name || ' is gone'
                else
                    'segmentation_' || name || ' changed from ' || coalesce(text_before, 'null')
                    || ' to ' || coalesce(text_now, 'null')
            end as change
        from compared
        where value_before is distinct from value_now
            and coalesce(try_cast(text_before as double) != try_cast(text_now as double), true)

    )

    select {{ joined_text('change', 'name', "' and '") }} as changes
    from told
{%- endmacro %}
