{% macro invalid_settings() %}
    {% set problems = [] %}
    {% for name in relation_settings() %}
        {% set value = relation_as_written(name) %}
        {% if value is not none and (value is not string or not value.strip()) %}
            {% do problems.append(
                'segmentation_' ~ name ~ ' is ' ~ tojson(value) ~ ': it must be a table, such as a ref, a source or '
                ~ "read_parquet('…'), in quotes."
            ) %}
        {% endif %}
    {% endfor %}
    {% for group in settings_catalog() %}
        {% for entry in group.settings if entry.type != 'relation' %}
            {% set wanted = wanted_instead(entry, setting(entry.name)) %}
            {% if wanted %}
                {% do problems.append(
                    'segmentation_' ~ entry.name ~ ' is ' ~ tojson(setting(entry.name)) ~ ': it must be ' ~ wanted
                    ~ ', so change it in your vars (default: ' ~ tojson(entry.default) ~ ').'
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}


{# What the setting should be, in words, when the value is not that; none when it is. #}
{% macro wanted_instead(entry, value) %}
    {% set kind = entry.type %}
    {% set low = entry.get('min') %}
    {% set high = entry.get('max') %}
    {% set wanted = none %}
    {% if value is none %}
        {% if not entry.get('nullable') %}
            {% set wanted = 'set' %}
        {% endif %}
    {% elif kind == 'integer' %}
        {% if not (value is integer and value is not boolean) or out_of_range(value, low, high) %}
            {% set wanted = 'a whole number' ~ range_in_words(low, high) %}
        {% endif %}
    {% elif kind == 'number' %}
        {% if not is_finite_setting(value) or out_of_range(value, low, high) %}
            {% set wanted = 'a number' ~ range_in_words(low, high) %}
        {% endif %}
    {% elif kind == 'boolean' %}
        {% if value is not boolean %}
            {% set wanted = 'true or false' %}
        {% endif %}
    {% elif kind == 'choice' %}
        {% if value not in entry['values'] %}
            {% set wanted = 'one of ' ~ (entry['values'] | join(', ')) %}
        {% endif %}
    {% elif kind == 'choices' %}
        {% set chosen = value if value is sequence and value is not string and value is not mapping else [value] %}
        {% if not chosen or chosen | reject('in', entry['values']) | list
              or chosen | unique | list | length != chosen | length %}
            {% set wanted = 'one of ' ~ (entry['values'] | join(', ')) ~ ', or a list of different ones' %}
        {% endif %}
    {% elif kind == 'text' %}
        {% if value is not string or not value.strip() %}
            {% set wanted = 'a text in quotes, or null' %}
        {% endif %}
    {% elif kind == 'expression' %}
        {% if value is not string or not value.strip() %}
            {% set wanted = 'a column name or an SQL expression, in quotes' %}
        {% endif %}
    {% elif kind == 'timestamp' %}
        {% if not modules.re.match('^\\d{4}-\\d\\d-\\d\\d([ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?)?$', value | string)
              or not is_timestamp(value) %}
            {% set wanted = "a date or a timestamp in quotes, such as '2025-12-31' or '2025-12-31 18:00'" %}
        {% endif %}
    {% elif kind == 'list' %}
        {% if value is string or value is mapping or value is not sequence
              or value | reject('string') | list or value | unique | list | length != value | length %}
            {% set wanted = 'a list of different names' %}
        {% endif %}
    {% elif kind == 'numbers' %}
        {% if value is string or value is mapping or value is not sequence
              or value | length != entry.length or value | reject('number') | list or not is_finite_setting(value | sum)
              or value | unique | sort | list != value | list
              or out_of_range(value[0], low, high) or out_of_range(value[-1], low, high) %}
            {% set wanted = entry.length ~ ' rising numbers' ~ range_in_words(low, high) %}
        {% endif %}
    {% elif kind == 'mapping' %}
        {% if value is not mapping %}
            {% set wanted = 'a mapping such as {name: value}' %}
        {% endif %}
    {% endif %}
    {{ return(wanted) }}
{% endmacro %}


{# Whether it is a number: no truth value, not .nan and not .inf, which YAML takes for numbers. #}
{% macro is_finite_setting(value) %}
    {{ return(value is number and value is not boolean and value - value == 0) }}
{% endmacro %}


{% macro out_of_range(value, low, high) %}
    {{ return((low is not none and value < low) or (high is not none and value > high)) }}
{% endmacro %}


{% macro range_in_words(low, high) %}
    {% if low is not none and high is not none %}
        {{ return(' from ' ~ low ~ ' to ' ~ high) }}
    {% elif low is not none %}
        {{ return(' of at least ' ~ low) }}
    {% else %}
        {{ return('') }}
    {% endif %}
{% endmacro %}
