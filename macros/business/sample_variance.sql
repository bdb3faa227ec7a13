{#
    Sample variance (n − 1) from sums, as SQL: null for fewer than two values. With exact sums of values from 0
    to 1 little is lost in the difference.
#}
{% macro sample_variance(sum_of_squares, sum_of_values, number) -%}
    greatest(
        cast({{ sum_of_squares }} as double)
        - cast({{ sum_of_values }} as double) * cast({{ sum_of_values }} as double) / nullif({{ number }}, 0),
        0
    ) / case when {{ number }} > 1 then {{ number }} - 1 end
{%- endmacro %}
