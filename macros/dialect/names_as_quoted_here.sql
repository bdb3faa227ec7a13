{#
    A setting, or a list of them, whose column names in double quotes are quoted as the engine of this run wants it:
    Spark would take "Customer ID" for a text. What stands in single quotes stays as it is.
#}
{% macro names_as_quoted_here(value) %}
    {{ return(adapter.dispatch('names_as_quoted_here', 'customer_segmentation')(value)) }}
{% endmacro %}

{% macro default__names_as_quoted_here(value) %}
    {{ return(value) }}
{% endmacro %}

{% macro spark__names_as_quoted_here(value) %}
    {% if value is string and '"' in value %}
        {% set parts = [] %}
        {% for part in modules.re.split("('(?:[^'\\\\]|\\\\.)*')", value) %}
            {# every second part is a text in single quotes #}
            {% do parts.append(part if loop.index is even else part | replace('"', '`')) %}
        {% endfor %}
        {{ return(parts | join) }}
    {% elif value is sequence and value is not string and value is not mapping %}
        {% set texts = [] %}
        {% for element in value %}
            {% do texts.append(names_as_quoted_here(element) if element is string else element) %}
        {% endfor %}
        {{ return(texts) }}
    {% endif %}
    {{ return(value) }}
{% endmacro %}


{# The bare name of a column that a setting may have in quotes, as names_as_quoted_here() left them. #}
{% macro name_without_quotes(name) %}
    {{ return(name | replace('"', '') | replace('`', '')) }}
{% endmacro %}
