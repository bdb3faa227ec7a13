{#
    Value of a line. The default, quantity times price, is computed in 18 digits, which the engine
    multiplies in one machine word, and in 38 only for the lines whose value does not fit.
#}
{% macro line_amount() -%}
    {%- if setting('amount') == 'quantity * unit_price' -%}
        coalesce(
            {{ to_decimal(safely('quantity * unit_price')) }},
            {{ to_decimal(safely('cast(quantity as decimal(38, 4)) * unit_price')) }}
        )
    {%- else -%}
        {{ to_decimal(safely(setting('amount'))) }}
    {%- endif -%}
{%- endmacro %}
