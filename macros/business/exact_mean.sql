{#
    Aggregate: the mean of numbers as a double, null without any. Sums of decimals are exact, so that not even
    its last digit depends on the order in which threads add.
#}
{% macro exact_mean(expression) -%}
    cast(sum({{ to_decimal(expression, 38, 12) }}) as double) / nullif(count({{ to_decimal(expression, 38, 12) }}), 0)
{%- endmacro %}
