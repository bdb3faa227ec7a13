{#
    The first day whose lines transaction_lines reads anew, or none for all of them: without the setting, on the
    first run, on --full-refresh, and when a setting that judges lines is not what it was. It is
    segmentation_incremental_lookback_days before the last day with a kept line, but never later than the end of
    observation: what was rejected for lying after it is looked at again.
#}
{% macro first_day_to_load() %}
    {% if not remembers_lines() or not execute or flags.FULL_REFRESH %}
        {{ return(none) }}
    {% endif %}
    {% set loaded = table_before_this_run('transaction_lines') %}
    {% if loaded is none %}
        {{ return(none) }}
    {% endif %}
    {% set query %}
        select
            {{ days_back('max(case when reject_reason is null then ordered_at end)') }},
            min(settings_digest) = '{{ judging_digest() }}' and max(settings_digest) = '{{ judging_digest() }}'
        from {{ loaded }}
    {% endset %}
    {% set first_day, is_judged_alike = run_query(query).rows[0].values() %}
    {{ return(first_day | string if is_judged_alike and first_day is not none else none) }}
{% endmacro %}


{# The day the look-back before a last line begins. #}
{% macro days_back(last_line_at) -%}
    cast(
        least({{ last_line_at }}, {{ latest_order_date() }}) - {{ days_interval(setting('incremental_lookback_days')) }}
        as date
    )
{%- endmacro %}


{# Condition: lines that a run with this first day reads. A line without a date belongs to no day, so all do. #}
{% macro is_to_load(first_day) -%}
    (ordered_at >= {{ timestamp_literal(first_day) }} or ordered_at is null)
{%- endmacro %}


{# The table behind a model of this package as it stands before this run, or none. #}
{% macro table_before_this_run(model) %}
    {% if execute %}
        {% set node = graph.nodes['model.customer_segmentation.' ~ model] %}
        {% set found = adapter.get_relation(node.database, node.schema, node.alias) %}
        {{ return(found if found is not none and found.is_table else none) }}
    {% endif %}
{% endmacro %}


{#
    Everything that the verdict on a line depends on, but the date it is made on. segmentation_as_of is left out:
    whatever it moves over lies after the first day to load.
#}
{% macro judging_digest() %}
    {% set values = {
        'is_return': is_return(),
        'package_version': graph.nodes['model.customer_segmentation.segment_model'].config.meta.package_version,
    } %}
    {% for group in settings_catalog() %}
        {% for entry in group.settings %}
            {% if entry.name in ['transactions', 'customers'] %}
                {% do values.update({'segmentation_' ~ entry.name: relation_as_written(entry.name)}) %}
            {% elif entry.type == 'expression' and entry.get('of', 'transactions') in ['transactions', 'customers']
                    or entry.name in ['returns', 'drop_exact_duplicates', 'earliest_order_date', 'lookback_days'] %}
                {% do values.update({'segmentation_' ~ entry.name: setting(entry.name)}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if pseudonymizes() %}
        {% do values.update({'secret': secret_fingerprint()}) %}
    {% endif %}
    {{ return(local_md5(tojson(values, sort_keys=true))) }}
{% endmacro %}
