{# Blanks, tabs, line ends and the no-break space: what trim() takes off the ends of text. #}
{% macro white_space() %}
    {{ return(adapter.dispatch('white_space', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__white_space() -%}
    (' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(65279))
{%- endmacro %}
