{#
    What can be a feature: the numeric measures (those of events when events are mapped), the text columns whose
    dimension is mapped (else they are null for everyone), and the user's own attributes.
#}
{% macro known_features() %}
    {% set names = behaviour_measures()
        + (engagement_measures() if has_events() else [])
        + (lifetime_measures() if setting('objective') == 'value' else []) %}
    {{ return(names + mapped_dimensions() + setting('attributes')) }}
{% endmacro %}


{# The text columns whose dimension is mapped. #}
{% macro mapped_dimensions() %}
    {% set names = [] %}
    {% for name, source in [('favourite_category', 'category'), ('favourite_channel', 'channel'), ('country', 'country')]
       if setting(source) is not none %}
        {% do names.append(name) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Columns of customer_features that may hold a number, in the order of the list `numbers`. #}
{% macro numeric_columns() %}
    {{ return(
        behaviour_measures() + engagement_measures()
        + (lifetime_measures() if setting('objective') == 'value' else []) + setting('attributes')
    ) }}
{% endmacro %}


{# Columns of customer_features that may hold a category, in the order of the list `texts`. #}
{% macro text_columns() %}
    {{ return(['favourite_category', 'favourite_channel', 'country'] + setting('attributes')) }}
{% endmacro %}


{# Numeric measures of customer_behaviour and customer_assortment, in the order of the view. #}
{% macro behaviour_measures() %}
    {{ return([
        'recency_days', 'frequency', 'monetary',
        'repeat_order_days', 't_x_days', 'age_days', 'mean_repeat_spend',
        'average_order_value', 'items_per_order', 'return_rate', 'tenure_days',
        'mean_days_between_orders', 'sd_days_between_orders',
        'spend_last_90_days', 'spend_prior_90_days', 'spend_trend', 'weekend_share',
        'distinct_products', 'distinct_categories', 'margin'
    ]) }}
{% endmacro %}


{# Numeric measures of customer_engagement, in the order of the view. #}
{% macro engagement_measures() %}
    {{ return(['visit_recency_days', 'visit_frequency', 'visits_last_90_days', 'visit_conversion_rate']) }}
{% endmacro %}


{# Measures of customer_lifetimes, which customer_features has when the objective is value. #}
{% macro lifetime_measures() %}
    {{ return([
        'probability_alive', 'expected_orders_365_days', 'expected_order_value', 'discounted_value_365_days'
    ]) }}
{% endmacro %}


{# What the model is fitted on: segmentation_features, or segmentation_value_features when the objective is value. #}
{% macro model_features() %}
    {{ return(setting(features_setting())) }}
{% endmacro %}


{# Name of the setting, without its prefix, that lists these features. #}
{% macro features_setting() %}
    {{ return('value_features' if setting('objective') == 'value' else 'features') }}
{% endmacro %}


{# The columns of customer_behaviour that are no numeric measure. #}
{% macro reserved_columns() %}
    {{ return([
        'customer_id', 'favourite_category', 'favourite_channel', 'country',
        'lines_without_cost', 'first_order_at', 'last_order_at', 'as_of'
    ]) }}
{% endmacro %}
