{#
    Aggregate over bins: the population stability index, sum of (now - then) * ln(now / then). Shares
    below 0.0001 count as that, so that a bin which was or has become empty gives a large number
    instead of an infinite one. Null when no share is known now. They are added in the order of the bins: the
    last digit depends on it.
#}
{% macro population_stability_index(share, training_share, bin) %}
    {{ return(adapter.dispatch('population_stability_index', 'customer_segmentation')(share, training_share, bin)) }}
{% endmacro %}

{% macro default__population_stability_index(share, training_share, bin) -%}
    {{ ordered_sum(stability_term(share, training_share), bin) }}
{%- endmacro %}


{# What one bin contributes to it. #}
{% macro stability_term(share, training_share) -%}
    case
        when {{ share }} is not null
            then (greatest({{ share }}, 1e-4) - greatest({{ training_share }}, 1e-4))
                * ln(greatest({{ share }}, 1e-4) / greatest({{ training_share }}, 1e-4))
    end
{%- endmacro %}
