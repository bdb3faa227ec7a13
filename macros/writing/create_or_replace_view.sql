{#
    The views of this package on Spark, in place of the macros of dbt of these names: dbt looks for one in the package of
    the model first. The catalogue that Spark brings along, in Derby, holds no statement of more than 32,700 characters.
#}

{# A view whose statement is longer becomes a table. #}
{% macro create_or_replace_view() %}
    {{ return(adapter.dispatch('view_or_table', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__view_or_table() %}
    {{ return(dbt.create_or_replace_view()) }}
{% endmacro %}

{% macro spark__view_or_table() %}
    {%- if without_layout(sql) | length <= 32700 -%}
        {{ return(dbt.create_or_replace_view()) }}
    {%- endif -%}
    {%- set existing = load_relation(this) -%}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ create_table_as(false, relation, sql) }}
    {%- endcall -%}
    {%- do apply_grants(relation, config.get('grants'), should_revoke(existing, full_refresh_mode=true)) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}


{# Statement: makes the view. #}
{% macro create_view_as(relation, sql) %}
    {{ return(adapter.dispatch('short_view', 'customer_segmentation')(relation, sql)) }}
{% endmacro %}

{% macro default__short_view(relation, sql) %}
    {{ return(adapter.dispatch('create_view_as', 'dbt')(relation, sql)) }}
{% endmacro %}

{% macro spark__short_view(relation, sql) %}
    {{ return(adapter.dispatch('create_view_as', 'dbt')(relation, without_layout(sql))) }}
{% endmacro %}


{# A statement without comments and indentation; what stands in quotes, '' in it too, stays as it is. #}
{% macro without_layout(sql) %}
    {%- set kept = "(?:'(?:[^'\\\\]|\\\\.)*')+|\"[^\"]*\"|`[^`]*`" -%}
    {{ return(modules.re.sub('(' ~ kept ~ ')|--[^\\n]*|/\\*[\\s\\S]*?\\*/|\\s+', '\\1 ', sql)) }}
{% endmacro %}
