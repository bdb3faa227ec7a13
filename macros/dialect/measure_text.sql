{# A measure as a reader wants it: a date, a whole number, or a number with four digits. #}
{% macro measure_text(measure, kind) %}
    {{ return(adapter.dispatch('measure_text', 'customer_segmentation')(measure, kind)) }}
{% endmacro %}

{% macro default__measure_text(measure, kind) -%}
    case
        when {{ kind }} = 'date' then cast(date '1970-01-01' + cast(floor({{ measure }}) as integer) as string)
        when {{ measure }} = trunc({{ measure }}) or abs({{ measure }}) >= 1000
            then coalesce(
                cast(try_cast({{ measure }} as hugeint) as string), cast({{ measure }} as string)
            )
        else format('{:.4g}', {{ measure }})
    end
{%- endmacro %}
