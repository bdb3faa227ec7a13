{# A number in a sentence: two decimals, or the asked for. #}
{% macro in_words(expression, decimals=2) -%}
    {{ decimal_text(expression, decimals) }}
{%- endmacro %}


{# A share of all in a sentence, as a percentage. #}
{% macro percentage(expression) -%}
    {{ in_words('100 * ' ~ expression, 1) }} || ' %'
{%- endmacro %}
