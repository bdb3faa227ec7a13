{#
    The text without what cannot be seen around it: the blanks and line ends of Unicode, the characters of no width
    (zero-width space and joiners, marks of direction, byte order mark) and NUL; null if nothing is left.

    Trimming a list of characters costs twenty times as much as looking whether there is anything to
    trim, and hardly an id has: only those that begin or end with something odd are trimmed.
#}
{% macro trimmed(text) %}
    {{ return(adapter.dispatch('trimmed', 'customer_segmentation')(text)) }}
{% endmacro %}

{#- A text with as many bytes as characters is ASCII, of which nothing below '!' can be seen. -#}
{% macro default__trimmed(text) -%}
    case
        when strlen({{ text }}) = length({{ text }}) and {{ text }} >= '!' and reverse({{ text }}) >= '!'
            then {{ text }}
        else nullif(trim({{ text }}, {{ invisible_characters() }}), '')
    end
{%- endmacro %}

{% macro spark__trimmed(text) -%}
    case
        when {{ text }} >= '!' and {{ text }} < chr(127)
            and right({{ text }}, 1) >= '!' and right({{ text }}, 1) < chr(127)
            then {{ text }}
        else nullif(trim(both {{ invisible_characters() }} from {{ text }}), '')
    end
{%- endmacro %}


{# Those of no width and the wide blanks in one literal: a statement holds it for every id, and has to be read. #}
{% macro invisible_characters() -%}
    ' ' || chr(0) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || '
    {{- "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f" -}}
    {{- "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" -}}
    '
{%- endmacro %}
