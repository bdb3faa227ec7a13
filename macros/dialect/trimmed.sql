{#
    The text without what cannot be seen around it: the blanks and line ends of Unicode, the characters of no width
    (zero-width space and joiners, marks of direction, byte order mark) and NUL.

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
        else trim({{ text }}, {{ invisible_characters() }})
    end
{%- endmacro %}


{% macro invisible_characters() -%}
    {%- set codes = [0, 9, 10, 11, 12, 13, 32, 133, 160, 5760] + range(8192, 8208) | list
        + [8232, 8233, 8239, 8287, 8288, 12288, 65279] -%}
    {%- for code in codes -%}
        chr({{ code }}){{ ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
