{#
    Whether a mean contradicts what a name says of it, `above` or `below` the mean of all customers.
    Equal means contradict nothing.
#}
{% macro contradicts(expectation, mean, mean_of_all) -%}
    ({{ expectation }} = 'above' and {{ mean }} < {{ mean_of_all }}
        or {{ expectation }} = 'below' and {{ mean }} > {{ mean_of_all }})
{%- endmacro %}
