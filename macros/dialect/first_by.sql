{#
    Aggregate: the value with the smallest key among the rows that meet the condition, ties to the
    smallest value, so that the result never depends on the order of the rows. Where no two rows share a
    key (`is_unique`) and no value is missing there is nothing to settle, and it costs less.
#}
{% macro first_by(value, key, condition, is_unique=false) %}
    {{ return(adapter.dispatch('first_by', 'customer_segmentation')(value, key, condition, is_unique)) }}
{% endmacro %}

{% macro default__first_by(value, key, condition, is_unique) -%}
    {%- if is_unique -%}
        arg_min({{ value }}, {{ key }}) filter (where {{ condition }})
    {%- else -%}
        min(case when {{ condition }} then struct_pack(key := {{ key }}, value := {{ value }}) end).value
    {%- endif -%}
{%- endmacro %}

{#- In a record of Spark's a null is smaller than any value. #}
{% macro spark__first_by(value, key, condition, is_unique) -%}
    {%- if is_unique -%}
        min_by({{ value }}, {{ key }}) filter (where {{ condition }})
    {%- else -%}
        min(case when {{ condition }} then {{ record_of({
            'has_no_key': key ~ ' is null', 'key': key, 'has_no_value': value ~ ' is null', 'value': value
        }) }} end).value
    {%- endif -%}
{%- endmacro %}
