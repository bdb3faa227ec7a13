{# The settings that the fit depends on, as JSON with sorted keys, the way Python's json.dumps writes them. #}
{% macro fit_settings() %}
    {% set values = {} %}
    {% for group in settings_catalog() %}
        {% for entry in group.settings if entry.get('fit') %}
            {% do values.update({entry.name: model_features() if entry.name == 'features' else setting(entry.name)}) %}
        {% endfor %}
    {% endfor %}
    {{ return(tojson(values, sort_keys=true)) }}
{% endmacro %}
