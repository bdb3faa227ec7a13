{#
    Bound of the 95 % score interval of a share (Wilson 1927), as SQL; null without trials. Unlike the
    textbook interval it never leaves 0 to 1, and stays honest where few were asked or nobody answered.
#}
{% macro wilson_bound(successes, trials, side) -%}
    {%- set z = 1.959963984540054 -%}
    case
        when {{ trials }} = 0 then null
        -- exactly, where rounding would leave a trace
        when {{ successes }} = {{ '0' if side == 'lower' else trials }} then cast({{ 0 if side == 'lower' else 1 }} as double)
        else (
            {{ successes }} + {{ z * z / 2 }}
            {{ '-' if side == 'lower' else '+' }} {{ z }} * sqrt(
                cast({{ successes }} as double) * ({{ trials }} - {{ successes }}) / {{ trials }} + {{ z * z / 4 }}
            )
        ) / ({{ trials }} + {{ z * z }})
    end
{%- endmacro %}
