{# The list of the parts of a text between separators, which are a text without signs of regular expressions. #}
{% macro text_parts(text, separator) %}
    {{ return(adapter.dispatch('text_parts', 'customer_segmentation')(text, separator)) }}
{% endmacro %}

{% macro default__text_parts(text, separator) -%}
    string_split({{ text }}, '{{ separator }}')
{%- endmacro %}

{% macro spark__text_parts(text, separator) -%}
    split({{ text }}, '{{ separator }}')
{%- endmacro %}
