{# A text without the blanks around it, those of Unicode too; tabs and line ends stay. #}
{% macro without_blanks_around(text) %}
    {{ return(adapter.dispatch('without_blanks_around', 'customer_segmentation')(text)) }}
{% endmacro %}

{% macro default__without_blanks_around(text) -%}
    trim({{ text }})
{%- endmacro %}

{% macro spark__without_blanks_around(text) -%}
    trim(both ' {{ "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" }}' from {{ text }})
{%- endmacro %}
