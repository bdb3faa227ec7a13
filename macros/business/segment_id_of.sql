{# A segment id as an integer, from a number or from text; null when it is no whole number. #}
{% macro segment_id_of(expression) -%}
    case
        when {{ is_whole(as_number(expression)) }}
            and abs({{ as_number(expression) }}) < 1e9
            then cast({{ as_number(expression) }} as integer)
    end
{%- endmacro %}
