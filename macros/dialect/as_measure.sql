{# A number as it is, a date as days since 1970; null where it is missing, not finite, or neither. #}
{% macro as_measure(expression) -%}
    case {{ value_kind(expression) }}
        when 'number' then {{ finite_number(expression) }}
        when 'date' then {{ days_since_1970(expression) }}
    end
{%- endmacro %}


{# Days, with their fractions, from the beginning of 1970 to a date or timestamp; null for any other text. #}
{% macro days_since_1970(expression) %}
    {{ return(adapter.dispatch('days_since_1970', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__days_since_1970(expression) -%}
    epoch(try_cast(cast({{ expression }} as string) as timestamp)) / 86400
{%- endmacro %}

{% macro spark__days_since_1970(expression) -%}
    unix_micros(cast(cast({{ expression }} as string) as timestamp)) / 86400e6
{%- endmacro %}
