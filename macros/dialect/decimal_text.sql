{# A number as text with so many decimals: 0.50. #}
{% macro decimal_text(expression, decimals) %}
    {{ return(adapter.dispatch('decimal_text', 'customer_segmentation')(expression, decimals)) }}
{% endmacro %}

{% macro default__decimal_text(expression, decimals) -%}
    cast(cast({{ expression }} as decimal(18, {{ decimals }})) as string)
{%- endmacro %}

{# Only doubles by rounded(), which sees the double itself; a decimal is exact as it stands. #}
{% macro spark__decimal_text(expression, decimals) -%}
    cast(case typeof({{ expression }})
        when 'double' then cast({{ rounded(expression, decimals) }} as decimal(18, {{ decimals }}))
        else cast({{ expression }} as decimal(18, {{ decimals }}))
    end as string)
{%- endmacro %}
