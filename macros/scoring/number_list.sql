{#
    All columns of customer_features that may hold a number, as one list of doubles in the order of
    numeric_columns(): which of them count is for the registry row to say, and that may be an older one
    with other features than the settings name today.
#}
{% macro number_list() -%}
    [
        {%- for column in numeric_columns() %}
            {{ as_number(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}


{# All that may hold a category, as one list of texts in the order of text_columns(). #}
{% macro text_list() -%}
    [
        {%- for column in text_columns() %}
            {{ category_text(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}
