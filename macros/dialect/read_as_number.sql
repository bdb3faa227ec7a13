{#
    Aggregate: SQL text that reads a column as the model does, a number: its plain name where that is the
    same for every row, as it nearly always is.
#}
{% macro read_as_number(column) -%}
    {%- set number = 'cast(' ~ column ~ ' as double)' -%}
    case
        when bool_or(not {{ is_finite(as_number(column)) }})
            then {{ text_literal('case when ' ~ is_finite(number) ~ ' then ' ~ number ~ ' end') }}
        -- single precision would compare with a rounded bound
        when max(lower(typeof({{ column }}))) in ('boolean', 'float') then '{{ number }}'
        else '{{ column }}'
    end
{%- endmacro %}
