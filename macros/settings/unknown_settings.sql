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
