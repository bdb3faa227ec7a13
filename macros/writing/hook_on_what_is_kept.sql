{#
    Config: a post-hook that may stop the build, and the table stays. Where an engine has transactions the hook comes after
    the one of the table; dbt-spark, for which every statement is final, would never run such a hook.
#}
{% macro hook_on_what_is_kept(sql) %}
    {{ return(adapter.dispatch('hook_on_what_is_kept', 'customer_segmentation')(sql)) }}
{% endmacro %}

{% macro default__hook_on_what_is_kept(sql) %}
    {{ return({'sql': sql, 'transaction': false}) }}
{% endmacro %}

{% macro spark__hook_on_what_is_kept(sql) %}
    {{ return({'sql': sql, 'transaction': true}) }}
{% endmacro %}
