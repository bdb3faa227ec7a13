{#
    Aggregate: the rows as a Markdown table; null without rows. `cells` are text expressions, one per
    header; a null cell is a dash, and a pipe in a cell does not end it.
#}
{% macro markdown_table(headers, cells, order_by, condition='true') -%}
    {%- set row -%}
        '| ' || {% for cell in cells -%}
            replace(coalesce({{ cell }}, '–'), '|', {{ text_literal('\\|') }}) || ' |'{{ " || ' ' || " if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    '| {{ headers | join(' | ') }} |' || {{ new_line() }}
    || '|{{ ' --- |' * (headers | length) }}' || {{ new_line() }}
    || {{ joined_text('case when ' ~ condition ~ ' then ' ~ row ~ ' end', order_by, new_line()) }}
{%- endmacro %}


{# A number as text, with the decimals asked for; null when there is none. #}
{% macro number_or_null(expression, decimals=2) -%}
    case when {{ is_finite('cast(' ~ expression ~ ' as double)') }} then {{ in_words(expression, decimals) }} end
{%- endmacro %}


{# Line breaks, as an expression. #}
{% macro new_line(count=1) -%}
    repeat(chr(10), {{ count }})
{%- endmacro %}
