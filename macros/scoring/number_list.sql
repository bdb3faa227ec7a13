{#
    All columns of customer_features that may hold a number, as one list of doubles in the order of
    numeric_columns(): which of them count is for the registry row to say, and that may be an older one
    with other features than the settings name today.
#}
{% macro number_list() -%}
    {%- set numbers = [] -%}
    {%- for column in numeric_columns() %}{% do numbers.append(as_number(column)) %}{% endfor -%}
    {{ list_of(numbers, 'double') }}
{%- endmacro %}


{# All that may hold a category, as one list of texts in the order of text_columns(). #}
{% macro text_list() -%}
    {%- set texts = [] -%}
    {%- for column in text_columns() %}{% do texts.append(category_text(column)) %}{% endfor -%}
    {{ list_of(texts, 'string') }}
{%- endmacro %}
