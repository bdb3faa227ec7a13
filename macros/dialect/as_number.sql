{# A value of any type as a double: true is 1, and what is no number (a word, a date) is null. #}
{% macro as_number(expression) %}
    {{ return(adapter.dispatch('as_number', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__as_number(expression) -%}
    try_cast({{ expression }} as double)
{%- endmacro %}

{#- Spark reads '12d' as 12 and a timestamp as seconds; it knows neither the '_' between digits nor a sign before nan. #}
{% macro spark__as_number(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as string)' -%}
    case
        when typeof({{ expression }}) = 'string'
            then case
                when {{ text }} rlike {{ number_pattern() }} then cast(replace({{ text }}, '_', '') as double)
                when lower({{ text }}) rlike '^\\s*[+-]?(inf|infinity)\\s*$' then cast({{ text }} as double)
                when lower({{ text }}) rlike '^\\s*[+-]?nan\\s*$' then cast('nan' as double)
            end
        when typeof({{ expression }}) = 'boolean' then case {{ text }} when 'true' then 1 when 'false' then 0 end
        -- by its text: a timestamp without a zone cannot even be asked to be a double
        when typeof({{ expression }}) not in ('date', 'timestamp', 'timestamp_ntz') then cast({{ text }} as double)
    end
{%- endmacro %}


{# Regular expression of Spark: what DuckDB reads as a finite number. #}
{% macro number_pattern() -%}
    {%- set digits = '[0-9]+(_[0-9]+)*' -%}
    '^\\s*[+-]?({{ digits }}([.]({{ digits }})?)?|[.]{{ digits }})([eE][+-]?{{ digits }})?\\s*$'
{%- endmacro %}
