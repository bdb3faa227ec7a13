{# Whether the engine can read the text as a timestamp: there is no 30 February. #}
{% macro is_timestamp(text) %}
    {{ return(adapter.dispatch('is_timestamp', 'customer_segmentation')(text)) }}
{% endmacro %}

{% macro default__is_timestamp(text) %}
    {{ return(run_query("select try_cast('" ~ text ~ "' as timestamp) is not null").rows[0][0]) }}
{% endmacro %}
