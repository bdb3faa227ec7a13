{#
    The start-up check: every setting against the catalog, before any work. All problems come at
    once, one sentence each: name, value got, value wanted, remedy.
#}
{% macro check_settings() %}
    {% if execute %}
        {% set problems = misplaced_settings() + unknown_settings() + invalid_settings() %}
        {% if not problems %}
            {# first, while no transaction is open that would take it back #}
            {% do take_secret() %}
            {% set problems = contradictory_settings() + contradictory_model_settings() + impossible_versions()
                + unknown_published_tables() + missing_secret() %}
        {% endif %}
        {% do stop_with(problems) %}
        {% do stop_with(changed_secret()) %}
    {% endif %}
{% endmacro %}


{#
    Names that begin with segmentation_ but are no setting, and settings in the scope of the package without
    that prefix: a misspelt setting must not be ignored.
#}
{% macro unknown_settings() %}
    {% set known = [] %}
    {% for group in settings_catalog() %}
        {% for entry in group.settings %}
            {% do known.append('segmentation_' ~ entry.name) %}
        {% endfor %}
    {% endfor %}
    {% set problems = [] %}
    {% for name in given_vars() if name not in known and (
        (name | lower).startswith('segmentation_') or 'segmentation_' ~ (name | lower) in known and name in scoped_vars()
    ) %}
        {% do problems.append(
            name ~ ' is not a setting of customer_segmentation: rename it to '
            ~ (closest(name, known) if (name | lower).startswith('segmentation_') else 'segmentation_' ~ (name | lower))
            ~ ', if that is what you mean, or remove it from your vars.'
        ) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}


{# Settings where this package does not look: in the scope of another project, or in any scope of --vars. #}
{% macro misplaced_settings() %}
    {% set problems = [] %}
    {% for scope, vars in ref.config.vars.vars.items() if vars is mapping and scope != 'customer_segmentation' %}
        {% for name in vars if name.startswith('segmentation_') and not scope.startswith('segmentation_') %}
            {% do problems.append(
                name ~ ' stands in the vars of ' ~ scope ~ ', where customer_segmentation does not look: move it to '
                ~ 'the vars of customer_segmentation, or to the top level.'
            ) %}
        {% endfor %}
    {% endfor %}
    {% for scope, vars in ref.config.cli_vars.items() if vars is mapping %}
        {% for name in vars if name.startswith('segmentation_') %}
            {% do problems.append(
                name ~ ' stands within ' ~ scope ~ ' in --vars, where dbt looks for no scope: move it to the top level of --vars.'
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}


{# Vars that the project or the command line sets, package scope included. #}
{% macro given_vars() %}
    {{ return((ref.config.vars.vars.keys() | list + ref.config.cli_vars.keys() | list + scoped_vars()) | unique | sort) }}
{% endmacro %}


{# Those in the scope of this package. #}
{% macro scoped_vars() %}
    {% set names = [] %}
    {% for vars in [ref.config.vars.vars, ref.config.cli_vars] if vars.get('customer_segmentation') is mapping %}
        {% do names.extend(vars['customer_segmentation'].keys()) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# The candidate that shares most neighbouring letter pairs with the word (Dice's coefficient). #}
{% macro closest(word, candidates) %}
    {% set best = namespace(name=candidates[0], score=-1) %}
    {% set pairs = letter_pairs(word) %}
    {% for candidate in candidates %}
        {% set others = letter_pairs(candidate) %}
        {% set shared = pairs | select('in', others) | list | length %}
        {% set score = 2 * shared / (pairs | length + others | length) %}
        {% if score > best.score %}
            {% set best.name = candidate %}
            {% set best.score = score %}
        {% endif %}
    {% endfor %}
    {{ return(best.name) }}
{% endmacro %}


{% macro letter_pairs(word) %}
    {% set letters = '^' ~ (word | lower) ~ '$' %}
    {% set pairs = [] %}
    {% for i in range(letters | length - 1) %}
        {% do pairs.append(letters[i:i + 2]) %}
    {% endfor %}
    {{ return(pairs | unique | list) }}
{% endmacro %}


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
        {% if not is_finite(value) or out_of_range(value, low, high) %}
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
              or value | length != entry.length or value | reject('number') | list or not is_finite(value | sum)
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
{% macro is_finite(value) %}
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
        {% elif not is_finite(share) or out_of_range(share, 0, 1) %}
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


{# Names of the settings that are tables. #}
{% macro relation_settings() %}
    {% set names = [] %}
    {% for group in settings_catalog() %}
        {% for entry in group.settings if entry.type == 'relation' %}
            {% do names.append(entry.name) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{#
    A relation as it is written: one such as "ref('customers')" can be resolved in a model only, and this
    check runs before any model.
#}
{% macro relation_as_written(name) %}
    {% set key = 'segmentation_' ~ name %}
    {% set root_vars = ref.config.vars.vars %}
    {% set scoped = root_vars.get('customer_segmentation') or {} %}
    {{ return(ref.config.cli_vars.get(key, scoped.get(key, root_vars.get(key)))) }}
{% endmacro %}
