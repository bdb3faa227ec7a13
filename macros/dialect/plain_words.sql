{# The text with a blank for each run of characters that are neither letters of English, digits, nor one of _ & + / . - #}
{% macro plain_words(text) %}
    {{ return(adapter.dispatch('plain_words', 'customer_segmentation')(text)) }}
{% endmacro %}

{% macro default__plain_words(text) -%}
    regexp_replace({{ text }}, '[^\w&+/.-]+', ' ', 'g')
{%- endmacro %}

{% macro spark__plain_words(text) -%}
    regexp_replace({{ text }}, '[^0-9A-Za-z_&+/.-]+', ' ')
{%- endmacro %}
