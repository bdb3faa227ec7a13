{#
    The text without blanks, tabs, line ends, no-break spaces and byte order marks around it.

    Trimming a list of characters costs ten times as much as looking whether there is anything to
    trim, and hardly an id has: only those that begin or end with something odd are trimmed.
#}
{% macro trimmed(text) %}
    {{ return(adapter.dispatch('trimmed', 'customer_segmentation')(text)) }}
{% endmacro %}

{% macro default__trimmed(text) -%}
    case
        when {{ text }} < '!' or {{ text }} >= chr(127)
            {%- for code in [32, 9, 10, 13, 160, 65279] %}
            or suffix({{ text }}, chr({{ code }}))
            {%- endfor %}
            then trim({{ text }}, ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(65279))
        else {{ text }}
    end
{%- endmacro %}
