{#
    Select: one row per customer of `customers` (customer_id, numbers, texts), with his inputs as the
    registry row `model` (with scoring_columns()) sees them: filled, clipped, transformed, centred and
    scaled, then projected. The order is that of the library's preprocessing, and a test compares the two.

    Each step is a select of its own: a list that is built and indexed in one expression is built again
    for every element.
#}
{% macro scored_vectors(customers, model) %}
    {{ return(adapter.dispatch('scored_vectors', 'customer_segmentation')(customers, model)) }}
{% endmacro %}

{% macro default__scored_vectors(customers, model) -%}
    {%- set inputs = 'range(1, len(model.input_names) + 1)' -%}
    with

    -- Out of the long lists first: inside a lambda they would be carried along for every input.
    chosen as (

        select
            customers.customer_id,
            list_select(customers.numbers, model.number_position) as numbers,
            list_select(customers.texts, model.text_position) as texts
        from {{ customers }} as customers
        cross join {{ model }} as model

    ),

    -- A level that is no input of its own counts as (other), and so does a gap without an input.
    gaps as (

        select
            chosen.customer_id,
            list_transform(
                {{ inputs }},
                lambda p: case
                    when model.transform[p] != 'one_hot'
                        then case when isfinite(chosen.numbers[p]) then chosen.numbers[p] end
                    when coalesce(chosen.texts[p], '(missing)') = model.input_level[p]
                        or (
                            model.input_level[p] = '(other)'
                            and not list_contains(model.feature_levels[p], coalesce(chosen.texts[p], '(missing)'))
                        ) then 1
                    else 0
                end
            ) as numbers
        from chosen
        cross join {{ model }} as model

    ),

    imputed as (

        select
            gaps.customer_id,
            gaps.numbers as gaps,
            list_transform(
                {{ inputs }}, lambda p: coalesce(gaps.numbers[p], model.imputation[p])
            ) as numbers
        from gaps
        cross join {{ model }} as model

    ),

    filled as (

        select
            imputed.customer_id,
            case
                when model.imputation_weights is null then imputed.numbers
                else list_transform(
                    {{ inputs }},
                    lambda p: case
                        when imputed.gaps[p] is null
                            then list_inner_product(model.imputation_weights[p], list_append(imputed.numbers, 1))
                        else imputed.numbers[p]
                    end
                )
            end as numbers
        from imputed
        cross join {{ model }} as model

    ),

    clipped as (

        select
            filled.customer_id,
            list_transform(
                {{ inputs }},
                -- least() and greatest() pass over a null: a gap would become a bound
                lambda p: case
                    when filled.numbers[p] is not null
                        then least(
                                greatest(filled.numbers[p], coalesce(model.lower_bound[p], filled.numbers[p])),
                                coalesce(model.upper_bound[p], filled.numbers[p])
                            )
                end
            ) as numbers
        from filled
        cross join {{ model }} as model

    ),

    -- Without imputation a gap that the training customers did not have takes the centre.
    scaled as (

        select
            clipped.customer_id,
            list_transform(
                {{ inputs }},
                lambda p: coalesce(
                    (
                        {{ transformed('clipped.numbers[p]', 'model.transform[p]', 'model.power[p]') }}
                        - model.centre[p]
                    ) / model.scale[p], 0
                )
            ) as inputs
        from clipped
        cross join {{ model }} as model

    )

    select
        scaled.customer_id,
        model.model_version,
        scaled.inputs,
        case
            when model.projection is null then scaled.inputs
            else list_transform(
                model.projection, lambda component: list_inner_product(component, scaled.inputs)
            )
        end as vector
    from scaled
    cross join {{ model }} as model
{%- endmacro %}
