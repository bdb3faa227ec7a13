{# Whether the engine can read the text as a timestamp: there is no 30 February. #}
{% macro is_timestamp(text) %}
    {{ return(run_query('select ' ~ reads_as_timestamp(text_literal(text))).rows[0][0]) }}
{% endmacro %}


{# The same of an expression, for timestamp_literal(). #}
{% macro reads_as_timestamp(text) %}
    {{ return(adapter.dispatch('reads_as_timestamp', 'customer_segmentation')(text)) }}
{% endmacro %}

{% macro default__reads_as_timestamp(text) -%}
    try_cast({{ text }} as timestamp) is not null
{%- endmacro %}

{#- Spark would take a year for a timestamp, and a time of day for one of today. #}
{% macro spark__reads_as_timestamp(text) -%}
    cast({{ text }} as timestamp) is not null and {{ text }} rlike '^ *[0-9]+-[0-9]+-[0-9]+'
{%- endmacro %}
