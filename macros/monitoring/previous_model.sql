{#
    Select: the newest row of the registry before this run, no row without one. A column that a table
    of an earlier version of the package does not have yet is null.
#}
{% macro previous_model() %}
    {% set registry = registry_relation() %}
    {% set found = [] %}
    {% if registry is not none %}
        {% for column in adapter.get_columns_in_relation(registry) %}
            {% do found.append(column.name) %}
        {% endfor %}
    {% endif %}
    {% set types = {
        'model_version': 'integer',
        'as_of': 'timestamp',
        'settings': 'string',
        'accepted_settings': 'string',
        'drift_bins': list_type(record_type({
            'feature': 'string', 'edges': list_type('double'), 'levels': list_type('string'),
            'shares': list_type('double'),
        })),
    } %}
    {% set query %}
        select
            {%- for name, type in types.items() %}
            cast({{ name if name in found else 'null' }} as {{ type }}) as {{ name }},
            {%- endfor %}
            -- a promoted version is a copy: the run that fitted it had the number of the original
            {% if 'fingerprint' in found -%}
                min(model_version) over (partition by fingerprint) as fitted_version
            {%- else -%}
                cast(null as integer) as fitted_version
            {%- endif %}
        {%- if found %}
        from {{ registry }}
        order by model_version desc
        limit 1
        {%- else %}
        where false
        {%- endif %}
    {% endset %}
    {{ return(query) }}
{% endmacro %}
