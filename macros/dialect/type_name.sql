{#
    The name by which the engine gives the type of a column, from the one in a yml, in lower case: a scalar,
    a list such as `double[]`, or `struct(name type, …)`.
#}
{% macro type_name(type) %}
    {{ return(adapter.dispatch('type_name', 'customer_segmentation')(type)) }}
{% endmacro %}

{% macro default__type_name(type) %}
    {{ return(modules.re.sub('\\bstring\\b', 'varchar', type)) }}
{% endmacro %}

{% macro spark__type_name(type) %}
    {% if type.endswith('[]') %}
        {{ return('array<' ~ type_name(type[:-2]) ~ '>') }}
    {% elif type.startswith('struct(') %}
        {% set fields = [] %}
        {#- a comma within brackets is one of an inner struct -#}
        {% for field in modules.re.split(', (?![^(]*[)])', type[7:-1]) %}
            {% set name, inner = field.split(' ', 1) %}
            {% do fields.append(name ~ ':' ~ type_name(inner)) %}
        {% endfor %}
        {{ return('struct<' ~ fields | join(',') ~ '>') }}
    {% endif %}
    {{ return({'varchar': 'string', 'integer': 'int'}.get(type, type)) }}
{% endmacro %}
