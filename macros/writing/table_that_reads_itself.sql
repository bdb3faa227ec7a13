{#
    Materialization of a table whose select reads the table as the last run left it. Most engines build the new one
    before they drop the old one.
#}
{% macro table_that_reads_itself() %}
    {{ return(adapter.dispatch('table_that_reads_itself', 'customer_segmentation')()) }}
{% endmacro %}

{% macro default__table_that_reads_itself() %}
    {{ return('table') }}
{% endmacro %}

{% macro spark__table_that_reads_itself() %}
    {{ return('table_written_anew') }}
{% endmacro %}


{% materialization table_written_anew, adapter='spark' %}
    {%- set existing = load_relation(this) -%}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and not existing.is_table -%}
        {%- do adapter.drop_relation(existing) -%}
        {%- set existing = none -%}
    {%- endif -%}
    {%- if existing is none -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, relation, compiled_code) }}
        {%- endcall -%}
    {%- else -%}
        {%- do write_anew(relation, compiled_code) -%}
        {#- dbt wants a statement to run -#}
        {%- call statement('main') -%}
            refresh table {{ relation }}
        {%- endcall -%}
    {%- endif -%}
    {%- do apply_grants(relation, config.get('grants'), should_revoke(existing, full_refresh_mode=true)) -%}
    {%- do persist_docs(relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
