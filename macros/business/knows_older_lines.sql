{#
    Whether a table above transaction_lines holds what earlier runs found, so that only what changed has to be
    computed: not without the setting, without such a table, on --full-refresh, after a run that read every line
    anew, or while it holds somebody who is to be forgotten. The table says in `loaded_at` which load it knows of.
#}
{% macro knows_older_lines() %}
    {% if not remembers_lines() or not execute or flags.FULL_REFRESH %}
        {{ return(false) }}
    {% endif %}
    {% set before = table_before_this_run(model.name) %}
    {% if before is none or 'loaded_at' not in adapter.get_columns_in_relation(before) | map(attribute='name') %}
        {{ return(false) }}
    {% endif %}
    {% set query %}
        select coalesce(
            (select min(loaded_at) from {{ judged_lines() }}) <= (select max(loaded_at) from {{ before }}), false
        )
        {%- if forgets() %}
            -- rows of somebody whose lines are nobody's now would stay
            and not exists (
                select 1 from {{ before }}
                where customer_id in (
                    select customer_id from {{ relation_of('model.customer_segmentation.stg_forgotten') }}
                )
            )
        {%- endif %}
    {% endset %}
    {{ return(run_query(query).rows[0][0]) }}
{% endmacro %}


{#
    Select: the keys of the rows to compute again, from the lines that came since the table knows of, and from its
    own rows whose last line lies where lines may have been deleted.
#}
{% macro changed_keys(keys, last_line_at) -%}
    select
        {{ keys | join(', ') }}
    from {{ judged_lines() }}
    where loaded_at > (select max(loaded_at) from {{ this }})
        {%- for key in keys %}
            and {{ key }} is not null
        {%- endfor %}

    union

    select
        {{ keys | join(', ') }}
    from {{ this }}
    {#- a rejected line may lie in any future, and says nothing about where the last load began -#}
    where {{ last_line_at }} >= (
            select {{ days_back('max(' ~ last_line_at ~ ')') }} from {{ this }}
            where {{ keys[0] }} is not null
        )
        {%- for key in keys %}
            and {{ key }} is not null
        {%- endfor %}
{%- endmacro %}
