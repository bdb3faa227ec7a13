{# A measure as a reader wants it: a date, a whole number, or a number with four digits. #}
{% macro measure_text(measure, kind) %}
    {{ return(adapter.dispatch('measure_text', 'customer_segmentation')(measure, kind)) }}
{% endmacro %}

{% macro default__measure_text(measure, kind) -%}
    case
        when {{ kind }} = 'date' then cast(date '1970-01-01' + cast(floor({{ measure }}) as integer) as string)
        when {{ is_whole(measure) }} or abs({{ measure }}) >= 1000
            then coalesce(
                cast(try_cast({{ measure }} as hugeint) as string), cast({{ measure }} as string)
            )
        else format('{:.4g}', {{ measure }})
    end
{%- endmacro %}

{% macro spark__measure_text(measure, kind) -%}
    case
        when {{ kind }} = 'date'
            then cast(date_add(date '1970-01-01', cast(floor({{ measure }}) as integer)) as string)
        when ({{ is_whole(measure) }} or abs({{ measure }}) >= 1000) and abs({{ measure }}) < 8e37
            then {{ whole_text('rint(' ~ measure ~ ')') }}
        when {{ is_whole(measure) }} then {{ as_text(measure) }}
        -- as format('{:.4g}') writes it
        when abs({{ measure }}) < 9.9995e-5
            then regexp_replace(format_string('%.3e', {{ measure }}), '[.]?0+e', 'e')
        else case when {{ measure }} < 0 then '-' else '' end || {{ four_digits('abs(' ~ measure ~ ')') }}
    end
{%- endmacro %}


{#
    Spark: a double from 1e-4 to 1000 as text of four digits, rounded by all that is in the double, of which 23.455 is
    a little less: its product with the power of ten is kept in two parts (Dekker 1971), which lose nothing.
#}
{% macro four_digits(number) -%}
    get(transform(
        transform(
            transform(
                array({{ number }}),
                size -> named_struct(
                    'high', 134217729e0 * size - (134217729e0 * size - size),
                    'low', size - (134217729e0 * size - (134217729e0 * size - size)),
                    'power', case
                        when size >= 100 then 1e1 when size >= 10 then 1e2 when size >= 1 then 1e3
                        when size >= 1e-1 then 1e4 when size >= 1e-2 then 1e5 when size >= 1e-3 then 1e6
                        else 1e7
                    end
                )
            ),
            split -> named_struct(
                'floor', floor((split.high + split.low) * split.power),
                'above_half', split.high * split.power - (floor((split.high + split.low) * split.power) + 5e-1)
                    + split.low * split.power,
                'power', split.power
            )
        ),
        parts -> regexp_replace(
            cast(cast((
                parts.floor
                + case when parts.above_half > 0 or parts.above_half = 0 and parts.floor % 2 = 1 then 1 else 0 end
            ) / parts.power as decimal(18, 8)) as string),
            '[.]?0+$', ''
        )
    ), 0)
{%- endmacro %}
