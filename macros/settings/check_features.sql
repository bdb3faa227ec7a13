{#
    Pre-hook of training_sample: an attribute of the user's own can be a feature only if it is a number.
#}
{% macro check_features() %}
    {% if execute and not flags.EMPTY %}
        {% set types = {} %}
        {% for column in adapter.get_columns_in_relation(ref('feature_snapshot')) %}
            {% do types.update({column.name | lower: column.data_type | lower}) %}
        {% endfor %}
        {% set problems = [] %}
        {% for feature in setting('features') %}
            {% set type = types.get(feature | lower, 'no column') %}
            {% if not modules.re.match('(u?(tiny|small|big|huge)?int|float|double|real|decimal|numeric|boolean)', type) %}
                {% do problems.append(
                    "segmentation_features holds '" ~ feature ~ "', which is " ~ type ~ ' in customer_features: a feature '
                    ~ 'must be a number, so turn it into one in your customer table or remove it.'
                ) %}
            {% endif %}
        {% endfor %}
        {% do stop_with(problems) %}
    {% endif %}
{% endmacro %}
