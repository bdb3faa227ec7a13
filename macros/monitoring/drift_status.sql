{# pass, warn or error by the limits on the population stability index; skipped where it is not known. #}
{% macro drift_status(psi) -%}
    case
        when {{ psi }} is null then 'skipped'
        when {{ psi }} >= {{ setting('drift_fail') }} then 'error'
        when {{ psi }} >= {{ setting('drift_warn') }} then 'warn'
        else 'pass'
    end
{%- endmacro %}


{# The same in words, to follow "has" or "have". #}
{% macro drift_in_words(psi) -%}
    case
        when {{ psi }} >= {{ setting('drift_fail') }}
            then 'drifted since training: the population stability index is ' || {{ in_words(psi) }}
                || ', and segmentation_drift_fail is {{ setting('drift_fail') }}.'
        when {{ psi }} >= {{ setting('drift_warn') }}
            then 'drifted since training: the population stability index is ' || {{ in_words(psi) }}
                || ', and segmentation_drift_warn is {{ setting('drift_warn') }}.'
        else 'hardly changed since training: the population stability index is ' || {{ in_words(psi) }} || '.'
    end
{%- endmacro %}
