{#
    Pre-hook of stg_transactions: every column named in the settings must exist in the user's table.
    One sentence for each that does not, with the columns there are.
#}
{% macro check_mapping() %}
    {% if execute and flags.WHICH in ('run', 'build') %}
        {% set expressions = [] %}
        {% for group in settings_catalog() %}
            {% for entry in group.settings
               if entry.type == 'expression' and setting(entry.name) is not none
               and entry.name not in ('customers_key', 'consent_when') %}
                {% do expressions.append((entry, setting(entry.name))) %}
            {% endfor %}
        {% endfor %}
        {% set problems = [] %}
        {% for found in unknown_columns(setting('transactions'), expressions) %}
            {% do problems.append(
                'segmentation_' ~ found.setting ~ ' is `' ~ found.expression ~ '`, ' ~ found.problem
                ~ ': set it to one of the columns there are (' ~ found.columns ~ ')'
                ~ (', or to null if the data have no such thing.' if found.nullable else ', or to an expression over them.')
            ) %}
        {% endfor %}
        {% if problems %}
            {% do exceptions.raise_compiler_error(problems | join('\n')) %}
        {% endif %}
    {% endif %}
{% endmacro %}
