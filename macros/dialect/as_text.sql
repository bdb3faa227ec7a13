{# A value of any type as text, the same on every engine: a double of ten million is no 1.0E7. #}
{% macro as_text(expression) %}
    {{ return(adapter.dispatch('as_text', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__as_text(expression) -%}
    cast({{ expression }} as string)
{%- endmacro %}

{#- Java writes an exponent from ten million on and below a thousandth, and none is wanted from 1e-4 up to 1e16. #}
{% macro spark__as_text(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as string)' -%}
    {#- a timestamp without a zone cannot even be asked to be a double -#}
    {%- set size = 'abs(cast(' ~ text ~ ' as double))' -%}
    case
        when typeof({{ expression }}) in ('double', 'float')
            then case
                when {{ text }} not like '%E%'
                    then replace(replace({{ text }}, 'NaN', 'nan'), 'Infinity', 'inf')
                when {{ size }} >= 1e16 or {{ size }} < 1e-4
                    then replace(
                        replace(regexp_replace(replace({{ text }}, '.0E', 'E'), 'E-([0-9])$', 'e-0$1'), 'E-', 'e-'),
                        'E', 'e+'
                    )
                else regexp_replace(cast(cast({{ text }} as decimal(38, 21)) as string), '([.][0-9]+?)0*$', '$1')
            end
        when typeof({{ expression }}) like 'decimal%' and {{ text }} like '%E%'
            -- a decimal below a millionth: its digits, with as many zeros before them as its type has places
            then case when {{ text }} like '-%' then '-' else '' end || '0.' || lpad(
                replace(regexp_extract({{ text }}, '([0-9.]+)E', 1), '.', ''),
                cast(regexp_extract(typeof({{ expression }}), ',([0-9]+)', 1) as integer), '0'
            )
        else {{ text }}
    end
{%- endmacro %}


{# Spark: a whole double as text, with all its digits; a cast to decimal has no more than 17. #}
{% macro whole_text(number) -%}
    {%- set high = 'floor(' ~ number ~ ' / 9223372036854775808e0)' -%}
    case
        when abs({{ number }}) < 9e18 then cast(cast({{ number }} as bigint) as string)
        else cast(
            cast({{ high }} as decimal(38, 0)) * cast('9223372036854775808' as decimal(19, 0))
            + cast({{ number }} - {{ high }} * 9223372036854775808e0 as bigint) as string
        )
    end
{%- endmacro %}
