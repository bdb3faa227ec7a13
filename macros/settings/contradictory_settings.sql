{# Settings that are fine one by one but not together. #}
{% macro contradictory_settings() %}
    {% set problems = [] %}
    {% if setting('k') is none and setting('k_min') > setting('k_max') %}
        {% do problems.append(
            'segmentation_k_min is ' ~ setting('k_min') ~ ' but segmentation_k_max is ' ~ setting('k_max')
            ~ ': k_min must not be larger; lower it, raise k_max, or set segmentation_k.'
        ) %}
    {% endif %}
    {% set features = 'segmentation_' ~ features_setting() %}
    {% if not model_features() %}
        {% do problems.append(
            features ~ ' is empty: name at least one of ' ~ (known_features() | join(', ')) ~ '.'
        ) %}
    {% endif %}
    {% for feature in model_features() if feature not in known_features() and feature in engagement_measures() %}
        {% do problems.append(
            features ~ " holds '" ~ feature ~ "', but segmentation_events is null: it is measured from events, "
            ~ 'so set segmentation_events to their table, or remove it.'
        ) %}
    {% endfor %}
    {% for feature in model_features() if feature not in known_features() + engagement_measures() %}
        {% do problems.append(
            features ~ " holds '" ~ feature ~ "', which is no column of customer_features: "
            ~ "write '" ~ closest(feature, known_features()) ~ "', if that is what you mean, or remove it."
        ) %}
    {% endfor %}
    {% set transforms = ['log', 'yeo_johnson', 'none'] %}
    {% for feature, transform in setting('transform_overrides').items() %}
        {% if feature not in model_features() %}
            {% do problems.append(
                "segmentation_transform_overrides names '" ~ feature
                ~ "', which is not in " ~ features ~ ": add it there or remove the override."
            ) %}
        {% elif transform not in transforms %}
            {% do problems.append(
                'segmentation_transform_overrides gives ' ~ feature ~ " the transform '" ~ transform
                ~ "': it must be one of " ~ (transforms | join(', ')) ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% for reason, share in setting('reason_fail_shares').items() %}
        {% if reason not in reject_reasons() | map(attribute='name') %}
            {% do problems.append(
                "segmentation_reason_fail_shares names '" ~ reason ~ "', which is no reject reason: write '"
                ~ closest(reason, reject_reasons() | map(attribute='name') | list)
                ~ "', if that is what you mean, or remove it."
            ) %}
        {% elif not is_finite_setting(share) or out_of_range(share, 0, 1) %}
            {% do problems.append(
                'segmentation_reason_fail_shares gives ' ~ reason ~ ' the share ' ~ share
                ~ ': it must be a number from 0 to 1.'
            ) %}
        {% endif %}
    {% endfor %}
    {% for name in ['attributes', 'profile_attributes'] %}
        {% for attribute in setting(name)
           if attribute | lower in behaviour_measures() + engagement_measures() + lifetime_measures() + reserved_columns() %}
            {% do problems.append(
                'segmentation_' ~ name ~ " holds '" ~ attribute ~ "', which is a column of customer_features already: "
                ~ 'rename it in your customer table.'
            ) %}
        {% endfor %}
    {% endfor %}
    {% if (setting('quantity') is none or setting('unit_price') is none) and setting('amount') == 'quantity * unit_price' %}
        {% do problems.append(
            'segmentation_quantity or segmentation_unit_price is null but segmentation_amount is quantity * unit_price: '
            ~ 'set segmentation_amount to the column that holds the value of a line.'
        ) %}
    {% endif %}
    {% if relation_as_written('customers') is none
          and (requires_consent() or setting('attributes') or setting('profile_attributes')) %}
        {% do problems.append(
            'segmentation_consent_when, segmentation_attributes or segmentation_profile_attributes is set but '
            ~ 'segmentation_customers is null: they read the customer table, so set it too.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}


{# Settings of the model that are fine one by one but not together. #}
{% macro contradictory_model_settings() %}
    {% set problems = [] %}
    {% set given = setting('algorithm') %}
    {% set algorithms = [given] if given is string else given %}
    {% set others = algorithms | reject('equalto', 'gmm') | join(', ') %}
    {% if setting('k_method') == 'bic' and others %}
        {% do problems.append(
            'segmentation_k_method is bic but segmentation_algorithm holds ' ~ others
            ~ ': only gmm has a BIC, so set segmentation_algorithm to gmm, or segmentation_k_method to silhouette.'
        ) %}
    {% endif %}
    {% if setting('k') is not none and not algorithms | reject('in', ['hdbscan', 'dbscan']) | list %}
        {% do problems.append(
            'segmentation_k is ' ~ setting('k') ~ ' but segmentation_algorithm is ' ~ (algorithms | join(', '))
            ~ ', which finds the number of segments by itself: set segmentation_k to null, or add another algorithm.'
        ) %}
    {% endif %}
    {% set smallest = 'k_min' if setting('k') is none else 'k' %}
    {% if setting('max_segments') is not none and setting('max_segments') < setting(smallest) %}
        {% do problems.append(
            'segmentation_max_segments is ' ~ setting('max_segments') ~ ' but segmentation_' ~ smallest ~ ' is '
            ~ setting(smallest) ~ ': no k would be eligible; raise max_segments or lower ' ~ smallest ~ '.'
        ) %}
    {% endif %}
    {% if setting('drift_warn') > setting('drift_fail') %}
        {% do problems.append(
            'segmentation_drift_warn is ' ~ setting('drift_warn') ~ ' but segmentation_drift_fail is '
            ~ setting('drift_fail') ~ ': drift_warn must not be larger; lower it or raise drift_fail.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}


{# Settings that need a version which the registry does not hold. #}
{% macro impossible_versions() %}
    {% set problems = [] %}
    {% set pinned = setting('model_version') %}
    {% if (pinned is not none or setting('refit') == 'never') and not flags.EMPTY %}
        {% set versions = registry_versions() %}
        {% if pinned is not none and pinned not in versions %}
            {% do problems.append(
                'segmentation_model_version is ' ~ pinned ~ ', but segment_model holds '
                ~ ('version ' ~ (versions | join(', ')) ~ ': set it to one of these, or to null for the newest.'
                   if versions else 'no version yet: set it to null for a first fit.')
            ) %}
        {% elif not versions %}
            {% do problems.append(
                'segmentation_refit is never, but segment_model holds no version yet: set it to auto for a first fit.'
            ) %}
        {% endif %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
