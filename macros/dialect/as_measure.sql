{# A number as it is, a date as days since 1970; null where it is missing, not finite, or neither. #}
{% macro as_measure(expression) %}
    {{ return(adapter.dispatch('as_measure', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__as_measure(expression) -%}
    case {{ value_kind(expression) }}
        when 'number' then case when isfinite({{ as_number(expression) }}) then {{ as_number(expression) }} end
        when 'date' then epoch(try_cast(cast({{ expression }} as string) as timestamp)) / 86400
    end
{%- endmacro %}
