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

    names as (

        select distinct
            before,
            now,
            unnest(list_concat(json_keys(before), json_keys(now))) as name
        from (
            select
                {{ before }} as before,
                {{ now }} as now
            from {{ relation }}
        ) as texts

    ),

    compared as (

        select
            name,
            json_extract(before, '$."' || name || '"') as value_before,
            json_extract(now, '$."' || name || '"') as value_now,
            json_extract_string(before, '$."' || name || '"') as text_before,
            json_extract_string(now, '$."' || name || '"') as text_now
        from names

    )

    select
        string_agg(
            case
                when value_before is null then 'segmentation_' || name || ' is new (' || coalesce(text_now, 'null') || ')'
                when value_now is null then 'segmentation_' || name || ' is gone'
                else
                    'segmentation_' || name || ' changed from ' || coalesce(text_before, 'null')
                    || ' to ' || coalesce(text_now, 'null')
            end, ' and ' order by name
        ) as changes
    from compared
    where value_before is distinct from value_now
        and coalesce(try_cast(text_before as double) != try_cast(text_now as double), true)
{%- endmacro %}
