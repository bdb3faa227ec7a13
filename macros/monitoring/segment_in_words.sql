{# A segment in a sentence: its id, and its name where it has one. #}
{% macro segment_in_words(segment_id, segment_name) -%}
    'segment ' || cast({{ segment_id }} as string) || coalesce(' (' || {{ segment_name }} || ')', '')
{%- endmacro %}
