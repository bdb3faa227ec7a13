{# What an attribute is, by its type: number, date, or category for everything else (true and false too). #}
{% macro value_kind(expression) %}
    {{ return(adapter.dispatch('value_kind', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__value_kind(expression) -%}
    case
        when regexp_matches(
            typeof({{ expression }}), '^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$'
        ) then 'number'
        when regexp_matches(typeof({{ expression }}), '^(DATE|TIMESTAMP.*)$') then 'date'
        else 'category'
    end
{%- endmacro %}

{% macro spark__value_kind(expression) -%}
    case
        when typeof({{ expression }}) in ('tinyint', 'smallint', 'int', 'bigint', 'float', 'double')
            or typeof({{ expression }}) like 'decimal%' then 'number'
        when typeof({{ expression }}) in ('date', 'timestamp', 'timestamp_ntz') then 'date'
        else 'category'
    end
{%- endmacro %}
