{# sign(x) * ln(1 + |x|): a logarithm that takes negative net spend too. #}
{% macro signed_log(x) -%}
    sign({{ x }}) * ln(1 + abs({{ x }}))
{%- endmacro %}


{# Its inverse. #}
{% macro signed_exp(y) -%}
    sign({{ y }}) * (exp(abs({{ y }})) - 1)
{%- endmacro %}
