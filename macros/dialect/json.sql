{# JSON objects in a column of text. #}

{# The list of the names in a JSON object. #}
{% macro json_names(json) %}
    {{ return(adapter.dispatch('json_names', 'customer_segmentation')(json)) }}
{% endmacro %}

{% macro default__json_names(json) -%}
    json_keys({{ json }})
{%- endmacro %}

{% macro spark__json_names(json) -%}
    json_object_keys({{ json }})
{%- endmacro %}


{#
    What a JSON object has under a name, as JSON without blanks, to be compared; null where it does not have the
    name. Spark does not tell a text from the number, truth value or null that it spells.
#}
{% macro json_value(json, name) %}
    {{ return(adapter.dispatch('json_value', 'customer_segmentation')(json, name)) }}
{% endmacro %}

{% macro default__json_value(json, name) -%}
    json_extract({{ json }}, '$."' || {{ name }} || '"')
{%- endmacro %}

{% macro spark__json_value(json, name) -%}
    case
        when array_contains(json_object_keys({{ json }}), {{ name }})
            then coalesce(get_json_object({{ json }}, '$[\'' || {{ name }} || '\']'), 'null')
    end
{%- endmacro %}


{# The same as text: a JSON text without its quotes, and null for the null of JSON too. #}
{% macro json_text(json, name) %}
    {{ return(adapter.dispatch('json_text', 'customer_segmentation')(json, name)) }}
{% endmacro %}

{% macro default__json_text(json, name) -%}
    json_extract_string({{ json }}, '$."' || {{ name }} || '"')
{%- endmacro %}

{# A variant spells 0.0005 like that, and get_json_object as 5.0E-4; but 1.0 loses its decimal in a variant. #}
{% macro spark__json_text(json, name) -%}
    {%- set text -%} get_json_object({{ json }}, '$[\'' || {{ name }} || '\']') {%- endset -%}
    case
        when {{ text }} rlike '[0-9]E-[0-9]' then cast(from_json({{ json }}, 'map<string, variant>')[{{ name }}] as string)
        else {{ text }}
    end
{%- endmacro %}
