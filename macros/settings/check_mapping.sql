{#
    Pre-hook of the staging models: every column named in the settings must exist in the user's table.
    One sentence for each that does not, with the columns there are.
#}
{% macro check_mapping(table) %}
    {% if execute %}
        {% set expressions = [] %}
        {% for group in settings_catalog() %}
            {% for entry in group.settings
               if entry.type == 'expression' and setting(entry.name) is not none
               and entry.get('of', 'transactions') == table %}
                {% do expressions.append((entry, setting(entry.name))) %}
            {% endfor %}
        {% endfor %}
        {% if table == 'customers' %}
            {% for name in ['attributes', 'profile_attributes'] %}
                {% for attribute in setting(name) %}
                    {% do expressions.append(({'name': name}, attribute)) %}
                {% endfor %}
            {% endfor %}
        {% endif %}
        {% set problems = [] %}
        {% for found in unknown_columns(table, expressions) %}
            {% do problems.append(
                'segmentation_' ~ found.setting ~ ' is `' ~ found.expression ~ '`, ' ~ found.problem
                ~ ': set it to one of the columns there are (' ~ found.columns ~ ')'
                ~ (', or to null if the data have no such thing.' if found.nullable else ', or to an expression over them.')
            ) %}
        {% endfor %}
        {% do stop_with(problems) %}
    {% endif %}
{% endmacro %}
