{# Whether the text reads as a number at all, not-a-number and the infinities included. #}
{% macro is_number(text) %}
    {{ return(adapter.dispatch('is_number', 'customer_segmentation')(text)) }}
{% endmacro %}

{% macro default__is_number(text) -%}
    try_cast({{ text }} as double) is not null
{%- endmacro %}
