{# A category as the model knows it: the text without blanks around it; an empty one is missing. #}
{% macro category_text(expression) -%}
    nullif({{ without_blanks_around('cast(' ~ expression ~ ' as string)') }}, '')
{%- endmacro %}
