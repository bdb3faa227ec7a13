{# Whether a double has no fraction; the infinities have none, and not-a-number is taken for whole too. #}
{% macro is_whole(number) %}
    {{ return(adapter.dispatch('is_whole', 'customer_segmentation')(number)) }}
{% endmacro %}

{% macro default__is_whole(number) -%}
    {{ number }} = trunc({{ number }})
{%- endmacro %}

{% macro spark__is_whole(number) -%}
    {{ number }} = rint({{ number }})
{%- endmacro %}
