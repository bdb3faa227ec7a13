{#
    The incremental strategy delete+insert, which dbt-spark does not have. Its materialization asks these two macros
    by name, and dbt looks for a macro in the package of the model first: so they are for the models of this package only.
#}
{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) %}
    {{ return(
        raw_strategy if raw_strategy == 'delete+insert'
        else dbt.dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format)
    ) }}
{% endmacro %}


{# Statement: the new rows come into the table, for delete+insert in place of those with the same key. #}
{% macro dbt_spark_get_incremental_sql(strategy, source, target, existing, unique_key, incremental_predicates) %}
    {% if strategy != 'delete+insert' %}
        {{ return(dbt.dbt_spark_get_incremental_sql(
            strategy, source, target, existing, unique_key, incremental_predicates
        )) }}
    {% endif %}
    {% set columns = adapter.get_columns_in_relation(target) %}
    {% set rows %}
        select
            {%- for column in columns %}
            {{ column.quoted }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ target }}
        left anti join {{ source }} as replaced
            using ({{ unique_key }})

        union all

        select
            {%- for column in columns %}
            cast({{ column.quoted }} as {{ column.data_type }}){{ ',' if not loop.last }}
            {%- endfor %}
        from {{ source }}
    {% endset %}
    {% do write_anew(target, rows) %}
    {# dbt wants a statement to run #}
    {{ return('refresh table ' ~ target) }}
{% endmacro %}
