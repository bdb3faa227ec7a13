{#
    The text without blanks, tabs, line ends, no-break spaces and byte order marks around it; null if nothing is left.

    Trimming a list of characters costs ten times as much as looking whether there is anything to
    trim, and hardly an id has: only those that begin or end with something odd are trimmed.
#}
{% macro trimmed(text) %}
    {{ return(adapter.dispatch('trimmed', 'customer_segmentation')(text)) }}
{% endmacro %}

{% macro default__trimmed(text) -%}
    case
        when {{ text }} >= '!' and {{ text }} < chr(127)
            and reverse({{ text }}) >= '!' and reverse({{ text }}) < chr(127)
            then {{ text }}
        else nullif(trim({{ text }}, ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(65279)), '')
    end
{%- endmacro %}
