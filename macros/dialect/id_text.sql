{#
    An id as text: surrounding blanks go, leading zeros stay, blank text is missing. A whole number
    stored as a float (pandas does that to a column with gaps) loses its '.0', and NaN is missing. A text of
    JSON loses its quotes, and the null of JSON is missing.
#}
{% macro id_text(expression) %}
    {{ return(adapter.dispatch('id_text', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__id_text(expression) -%}
    case
        -- there is nothing around a whole number
        when typeof({{ expression }}) in ('BIGINT', 'INTEGER', 'HUGEINT', 'UBIGINT', 'UINTEGER', 'UUID')
            then cast({{ expression }} as string)
        when typeof({{ expression }}) in ('DOUBLE', 'FLOAT')
            then coalesce(
                case
                    when try_cast({{ expression }} as double) = trunc(try_cast({{ expression }} as double))
                        then cast(try_cast({{ expression }} as hugeint) as string)
                end,
                nullif(lower(cast({{ expression }} as string)), 'nan')
            )
        when typeof({{ expression }}) = 'JSON'
            then nullif(trim(json_extract_string(try_cast(cast({{ expression }} as string) as json), '$')), '')
        else {{ trimmed('cast(' ~ expression ~ ' as string)') }}
    end
{%- endmacro %}

{% macro spark__id_text(expression) -%}
    {%- set number = 'cast(cast(' ~ expression ~ ' as string) as double)' -%}
    case
        when typeof({{ expression }}) in ('double', 'float')
            then coalesce(
                case when {{ is_whole(number) }} and abs({{ number }}) < 8e37 then {{ whole_text(number) }} end,
                nullif({{ as_text(expression) }}, 'nan')
            )
        else {{ trimmed('cast(' ~ expression ~ ' as string)') }}
    end
{%- endmacro %}
