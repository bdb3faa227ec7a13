{#
    Post-hook of segments_snapshot, in its transaction, for what dbt's check strategy does not do: the rows of
    customers who are gone end with the run that no longer found them; the spend in the open rows is that of
    today; of a run that was built twice only the second remains; and stays older than segmentation_history_days,
    and those of customers to be forgotten, are forgotten.
#}
{% macro settle_snapshot() %}
    {% if not flags.EMPTY %}
        {{ return(adapter.dispatch('settle_snapshot', 'customer_segmentation')()) }}
    {% endif %}
{% endmacro %}

{# It is done where the rows are written: see snapshot_written_anew(). #}
{% macro spark__settle_snapshot() %}
{% endmacro %}

{% macro default__settle_snapshot() -%}
    {%- set segments = ref('customer_segmentation', 'segments') -%}
    update {{ this }}
    set dbt_valid_to = (select run_at from {{ ref('customer_segmentation', 'published_run') }})
    where dbt_valid_to is null
        and customer_id not in (select customer_id from {{ segments }});

    update {{ this }}
    set monetary = segments.monetary
    from {{ segments }} as segments
    where {{ this.identifier }}.dbt_valid_to is null
        and {{ this.identifier }}.customer_id = segments.customer_id
        -- who has been written a moment ago is not written again
        and {{ this.identifier }}.monetary is distinct from segments.monetary;

    delete from {{ this }}
    where dbt_valid_to <= dbt_valid_from
    {%- if setting('history_days') is not none %}
        -- every build since then is still whole: a stay that it found ended later
        or dbt_valid_to < (
            select run_at - {{ days_interval(setting('history_days')) }} from {{ ref('customer_segmentation', 'published_run') }}
        )
    {%- endif %}
    {%- if forgets() %}
        or customer_id in (select customer_id from {{ ref('customer_segmentation', 'stg_forgotten') }})
    {%- endif %}
{%- endmacro %}
