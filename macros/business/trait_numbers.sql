{#
    All that may be told of a customer in numbers, as one list of doubles in the order of
    numeric_columns(). A text is none, even where it could be read as one: a postcode has no mean.
#}
{% macro trait_numbers(alias) -%}
    [
        {%- for column in numeric_columns() %}
            {%- set value = alias ~ '.' ~ column %}
            {%- if column in setting('attributes') %}
                case when not {{ is_text(value) }} then {{ as_number(value) }} end
            {%- else %}
                {{ as_number(value) }}
            {%- endif %}
            {{- ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}


{# All that may be told in words, as one list of texts in the order of text_columns(). #}
{% macro trait_texts(alias) -%}
    [
        {%- for column in text_columns() %}
            {%- set value = alias ~ '.' ~ column %}
            case when {{ is_text(value) }} then {{ category_text(value) }} end
            {{- ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}


{# Names of columns as a list of texts. #}
{% macro name_list(names) -%}
    [
        {%- for name in names %}
            {{ dbt.string_literal(name | replace('"', '')) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}
