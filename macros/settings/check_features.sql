{#
    Pre-hook of training_sample: an attribute of the user's own can be a feature only if it is a number,
    true or false, or a text.
#}
{% macro check_features() %}
    {% if execute and not flags.EMPTY %}
        {% set types = snapshot_types() %}
        {% set problems = [] %}
        {% for feature in model_features() %}
            {% set type = types.get(feature | lower, 'no column') %}
            {% if not is_number_type(type) and not is_text_type(type) %}
                {% do problems.append(
                    'segmentation_' ~ features_setting() ~ " holds '" ~ feature ~ "', which is " ~ type ~ ' in customer_features: a feature '
                    ~ 'must be a number, true or false, or a category in words, so turn it into one in your customer '
                    ~ 'table or remove it.'
                ) %}
            {% endif %}
        {% endfor %}
        {% do stop_with(problems) %}
    {% endif %}
{% endmacro %}


{#
    The features that are categories. Only the type of an attribute has to be looked up: what the package
    itself computes it knows.
#}
{% macro category_features() %}
    {% set names = [] %}
    {% set types = {} %}
    {% if model_features() | select('in', setting('attributes')) | list %}
        {% set types = snapshot_types() %}
    {% endif %}
    {% for feature in model_features() if feature in text_columns() %}
        {% if feature not in setting('attributes') or is_text_type(types.get(feature | lower, '')) %}
            {% do names.append(feature) %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Types of the columns of feature_snapshot, by name, both in lower case; none before it is built. #}
{% macro snapshot_types() %}
    {% set types = {} %}
    {% if execute %}
        {% for column in adapter.get_columns_in_relation(ref('customer_segmentation', 'feature_snapshot')) %}
            {% do types.update({column.name | lower: column.data_type | lower}) %}
        {% endfor %}
    {% endif %}
    {{ return(types) }}
{% endmacro %}


{% macro is_number_type(type) %}
    {{ return(modules.re.match('(u?(tiny|small|big|huge)?int|float|double|real|decimal|numeric|boolean)', type) is not none) }}
{% endmacro %}


{% macro is_text_type(type) %}
    {{ return(modules.re.match('(varchar|char|text|string|enum)', type) is not none) }}
{% endmacro %}
