{#
    A number after the named transform: `log` is sign(x) * ln(1 + |x|), a logarithm that takes negative
    net spend too; `yeo_johnson` the power transform of Yeo & Johnson (2000), whose two branches are one
    function of |x| when the power of the negative side is read as 2 - lambda.
#}
{% macro transformed(x, transform, power) -%}
    {%- set exponent = yeo_johnson_exponent(x, power) -%}
    case {{ transform }}
        when 'log' then sign({{ x }}) * ln(1 + abs({{ x }}))
        when 'yeo_johnson'
            then sign({{ x }}) * case
                when {{ exponent }} = 0 then ln(1 + abs({{ x }}))
                else (pow(1 + abs({{ x }}), {{ exponent }}) - 1) / {{ exponent }}
            end
        else {{ x }}
    end
{%- endmacro %}


{# Its inverse; null where the curve of yeo_johnson never gets as far as y. #}
{% macro untransformed(y, transform, power) -%}
    {%- set exponent = yeo_johnson_exponent(y, power) -%}
    case {{ transform }}
        when 'log' then sign({{ y }}) * (exp(abs({{ y }})) - 1)
        when 'yeo_johnson'
            then sign({{ y }}) * case
                when {{ exponent }} = 0 then exp(abs({{ y }})) - 1
                when 1 + {{ exponent }} * abs({{ y }}) > 0
                    then pow(1 + {{ exponent }} * abs({{ y }}), 1 / {{ exponent }}) - 1
            end
        else {{ y }}
    end
{%- endmacro %}


{% macro yeo_johnson_exponent(value, power) -%}
    (case when {{ value }} >= 0 then {{ power }} else 2 - {{ power }} end)
{%- endmacro %}
