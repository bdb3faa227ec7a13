{#
    The snapshots of this package on Spark, where rows of a table of Parquet files cannot be changed: all are written
    anew, those of earlier builds first. dbt takes the materialization of a package only where the installing project
    says so: settings_beyond_the_engine() tells it how. Any other snapshot is dbt-spark's.
#}
{% materialization snapshot, adapter='spark' %}
    {%- if model.package_name != 'customer_segmentation' -%}
        {{ return(dbt.materialization_snapshot_spark()) }}
    {%- endif -%}
    {%- set before = load_relation(this) -%}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if before is none -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, relation, snapshot_written_anew(compiled_code, before)) }}
        {%- endcall -%}
    {%- else -%}
        {%- do write_anew(relation, snapshot_written_anew(compiled_code, before)) -%}
        {#- dbt wants a statement to run -#}
        {%- call statement('main') -%}
            refresh table {{ relation }}
        {%- endcall -%}
    {%- endif -%}
    {%- do apply_grants(relation, config.get('grants'), should_revoke(before, full_refresh_mode=false)) -%}
    {%- do persist_docs(relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}


{# Select: all stays after a run, as dbt's check strategy and settle_snapshot() leave them. #}
{% macro snapshot_written_anew(published, before) -%}
    {%- set run_at -%} (select run_at from {{ ref('customer_segmentation', 'published_run') }}) {%- endset -%}
    with

    published as (

        {{ published }}

    ),

    earlier as (

        {% if before is not none -%}
            select * from {{ before }}
        {%- else -%}
            select
                *,
                cast(null as string) as dbt_scd_id,
                cast(null as timestamp) as dbt_updated_at,
                cast(null as timestamp) as dbt_valid_from,
                cast(null as timestamp) as dbt_valid_to
            from published
            where false
        {%- endif %}

    ),

    -- a stay ends with the run that finds the customer elsewhere, or not at all
    ended as (

        select
            earlier.* except (dbt_valid_to),
            case
                when earlier.dbt_valid_to is not null then earlier.dbt_valid_to
                when
                    published.customer_id is null
                    {%- for column in config.get('check_cols') %}
                    or published.{{ column }} is distinct from earlier.{{ column }}
                    {%- endfor %}
                    then {{ run_at }}
            end as dbt_valid_to,
            published.monetary as monetary_now
        from earlier
        left join published
            on earlier.customer_id = published.customer_id

    ),

    continued as (

        select
            customer_id,
            segment_id,
            segment_name,
            case when dbt_valid_to is null then monetary_now else monetary end as monetary,
            model_version,
            as_of,
            run_at,
            dbt_scd_id,
            dbt_updated_at,
            dbt_valid_from,
            dbt_valid_to
        from ended

    ),

    begun as (

        select
            published.*,
            {{ snapshot_hash_arguments(['published.customer_id', 'published.run_at']) }} as dbt_scd_id,
            published.run_at as dbt_updated_at,
            published.run_at as dbt_valid_from,
            cast(null as timestamp) as dbt_valid_to
        from published
        left join continued
            on published.customer_id = continued.customer_id
                and continued.dbt_valid_to is null
        where continued.customer_id is null

    ),

    stays as (

        select * from continued

        union all

        select * from begun

    ),

    -- of a run that was built twice only the second remains
    remembered as (

        select * from stays
        where
            (
                dbt_valid_to is null
                or dbt_valid_to > dbt_valid_from
                {%- if setting('history_days') is not none %}
                and dbt_valid_to >= {{ run_at }} - {{ days_interval(setting('history_days')) }}
                {%- endif %}
            )
            {%- if forgets() %}
            and customer_id not in (select customer_id from {{ ref('customer_segmentation', 'stg_forgotten') }})
            {%- endif %}

    )

    select * from {{ 'earlier' if flags.EMPTY else 'remembered' }}
{%- endmacro %}
