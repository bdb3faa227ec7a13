{# Stops the build with one line a problem, and goes on when there is none. #}
{% macro stop_with(problems) %}
    {% if problems %}
        {% do exceptions.raise_compiler_error(problems | join('\n')) %}
    {% endif %}
{% endmacro %}
