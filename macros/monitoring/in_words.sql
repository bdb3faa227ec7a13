{# A number in a sentence: two decimals, or the asked for. #}
{% macro in_words(expression, decimals=2) -%}
    cast(cast({{ expression }} as decimal(18, {{ decimals }})) as string)
{%- endmacro %}


{# A share of all in a sentence, as a percentage. #}
{% macro percentage(expression) -%}
    {{ in_words('100 * ' ~ expression, 1) }} || ' %'
{%- endmacro %}
