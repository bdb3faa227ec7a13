{#
    Post-hook of segment_names: a name means one segment. One sentence for each segment with two overrides,
    and for each name that an override would give to a second segment. Overrides that cannot be applied
    (an unknown segment, no name) do no harm: segment_name_checks tells of them.
#}
{% macro check_name_overrides() %}
    {% if execute and not flags.EMPTY %}
        {% set query %}
            select
                'segment ' || cast(segment_id as string) || ' several names ('
                || {{ joined_text('segment_name', 'segment_name', "', '") }} || '): keep one of them.' as problem
            from {{ this }}
            group by segment_id
            having count(*) > 1

            union all

            -- of each segment and name one row: not every engine joins distinct texts in an order
            select
                'a segment the name ' || min(segment_name) || ', which would be that of the segments '
                || {{ joined_text('cast(segment_id as string)', 'cast(segment_id as string)', "' and '") }}
                || ': give one of them another name.' as problem
            from (
                select
                    segment_id,
                    min(segment_name) as segment_name,
                    bool_or(is_name_overridden) as is_name_overridden
                from {{ this }}
                group by
                    segment_id,
                    lower(segment_name)
            ) as named
            group by lower(segment_name)
            having count(*) > 1
                and bool_or(is_name_overridden)

            order by problem
        {% endset %}
        {% set problems = [] %}
        {% for row in run_query(query).rows %}
            {% do problems.append('The table in segmentation_name_overrides gives ' ~ row[0]) %}
        {% endfor %}
        {% do stop_with(problems) %}
    {% endif %}
{% endmacro %}
