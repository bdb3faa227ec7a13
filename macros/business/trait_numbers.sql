{#
    All that may be told of a customer in numbers, as one list of doubles in the order of
    numeric_columns(). A text is none, even where it could be read as one: a postcode has no mean.
#}
{% macro trait_numbers(alias) -%}
    {%- set numbers = [] -%}
    {%- for column in numeric_columns() -%}
        {%- set value = alias ~ '.' ~ column -%}
        {%- set number = as_number(value) -%}
        {%- do numbers.append(
            'case when not ' ~ is_text(value) ~ ' then ' ~ number ~ ' end' if column in setting('attributes') else number
        ) -%}
    {%- endfor -%}
    {{ list_of(numbers, 'double') }}
{%- endmacro %}


{# All that may be told in words, as one list of texts in the order of text_columns(). #}
{% macro trait_texts(alias) -%}
    {%- set texts = [] -%}
    {%- for column in text_columns() -%}
        {%- set value = alias ~ '.' ~ column -%}
        {%- do texts.append('case when ' ~ is_text(value) ~ ' then ' ~ category_text(value) ~ ' end') -%}
    {%- endfor -%}
    {{ list_of(texts, 'string') }}
{%- endmacro %}


{# Names of columns as a list of texts. #}
{% macro name_list(names) -%}
    {{ text_list_of(names | map('replace', '"', '') | list) }}
{%- endmacro %}
