{# A decimal, or null where the value is no finite number that fits. Money stays exact. #}
{% macro to_decimal(expression, precision=18, scale=4) %}
    {{ return(adapter.dispatch('to_decimal', 'customer_segmentation')(expression, precision, scale)) }}
{% endmacro %}

{% macro default__to_decimal(expression, precision, scale) -%}
    try_cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{#-
    As DuckDB rounds: 0.00145 times 10000 is a little less than 14.5 as a double, and so the decimal is 0.0014. What no
    bigint holds then has 17 digits and zeros after them.
#}
{% macro spark__to_decimal(expression, precision, scale) -%}
    {%- set type = 'decimal(' ~ precision ~ ', ' ~ scale ~ ')' -%}
    {%- set text = 'cast(' ~ expression ~ ' as string)' -%}
    case
        when typeof({{ expression }}) = 'string'
            then case when {{ text }} rlike {{ number_pattern() }} then cast(replace({{ text }}, '_', '') as {{ type }}) end
        when typeof({{ expression }}) in ('double', 'float')
            then coalesce(
                cast(
                    try_cast(round(cast({{ expression }} as double) * 1e{{ scale }}) as bigint)
                    * cast('1e-{{ scale }}' as decimal({{ scale + 1 }}, {{ scale }})) as {{ type }}
                ),
                cast({{ expression }} as {{ type }})
            )
        when typeof({{ expression }}) not in ('date', 'timestamp', 'timestamp_ntz')
            then cast({{ expression }} as {{ type }})
    end
{%- endmacro %}
