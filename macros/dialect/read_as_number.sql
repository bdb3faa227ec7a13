{#
    Aggregate: SQL text that reads a column as the model does, a number: its plain name where that is the
    same for every row, as it nearly always is.
#}
{% macro read_as_number(column) %}
    {{ return(adapter.dispatch('read_as_number', 'customer_segmentation')(column)) }}
{% endmacro %}

{% macro default__read_as_number(column) -%}
    case
        when bool_or(not isfinite({{ as_number(column) }}))
            then 'case when isfinite(cast({{ column }} as double)) then cast({{ column }} as double) end'
        -- single precision would compare with a rounded bound
        when max(typeof({{ column }})) in ('BOOLEAN', 'FLOAT') then 'cast({{ column }} as double)'
        else '{{ column }}'
    end
{%- endmacro %}
