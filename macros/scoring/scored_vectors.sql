{#
    Select: one row per customer of `customers` (customer_id, numbers, texts), with his inputs as the
    registry row `model` (with scoring_columns()) sees them: filled, clipped, transformed, centred and
    scaled, then projected. The order is that of the library's preprocessing, and a test compares the two.

    Each step is a select of its own: a list that is built and indexed in one expression is built again
    for every element.

    A lambda copies what it takes from outside for every element, and costs three times as much as a column
    for each input. So there are columns for a model of up to sixteen numbers, and lists for what is left: more
    inputs, categories, and gaps filled by regression. A branch that no row takes is not computed.
#}
{% macro scored_vectors(customers, model) %}
    {{ return(adapter.dispatch('scored_vectors', 'customer_segmentation')(customers, model)) }}
{% endmacro %}

{% macro default__scored_vectors(customers, model) -%}
    {%- set widest = 16 -%}
    {#- A level that is no input of its own counts as (other), and so does a gap without an input. -#}
    {%- set level = "coalesce(columns.texts[input.text_position], '(missing)')" -%}
    {%- set reading -%}
        case
            when not input.is_category then {{ finite_element('columns.numbers', 'input.number_position') }}
            when {{ level }} = input.level_name
                or (input.level_name = '(other)' and not list_contains(input.feature_levels, {{ level }})) then 1
            else 0
        end
    {%- endset -%}
    with

    recipe as (

        select
            *,
            len(input_names) as width,
            len(input_names) <= {{ widest }}
            and imputation_weights is null
            and not list_contains(transform, 'one_hot') as is_plain,
            list_transform(
                range(1, len(input_names) + 1),
                lambda p: struct_pack(
                    place := p,
                    is_category := transform[p] = 'one_hot',
                    number_position := number_position[p],
                    text_position := text_position[p],
                    level_name := input_level[p],
                    feature_levels := feature_levels[p],
                    imputation := imputation[p],
                    lower_bound := lower_bound[p],
                    upper_bound := upper_bound[p],
                    transform := transform[p],
                    power := power[p],
                    centre := centre[p],
                    scale := scale[p]
                )
            ) as inputs
        from {{ model }}

    ),

    ---------- the columns

    filled_columns as (

        select
            {%- for p in range(1, widest + 1) %}
                case
                    when recipe.is_plain and {{ p }} <= recipe.width
                        then coalesce(
                            {{ finite_element('customers.numbers', 'recipe.number_position[' ~ p ~ ']') }},
                            recipe.imputation[{{ p }}]
                        )
                end as input_{{ p }},
            {%- endfor %}
            customers.customer_id,
            customers.numbers,
            customers.texts
        from {{ customers }} as customers
        cross join recipe

    ),

    clipped_columns as (

        select
            {%- for p in range(1, widest + 1) %}
                {{ clipped_number('filled.input_' ~ p, 'recipe.lower_bound[' ~ p ~ ']', 'recipe.upper_bound[' ~ p ~ ']') }}
                    as input_{{ p }},
            {%- endfor %}
            filled.customer_id,
            filled.numbers,
            filled.texts
        from filled_columns as filled
        cross join recipe

    ),

    scaled_columns as (

        select
            {%- for p in range(1, widest + 1) %}
                case
                    when recipe.is_plain and {{ p }} <= recipe.width
                        then {{ scaled_number(
                            'clipped.input_' ~ p, 'recipe.transform[' ~ p ~ ']', 'recipe.power[' ~ p ~ ']',
                            'recipe.centre[' ~ p ~ ']', 'recipe.scale[' ~ p ~ ']'
                        ) }}
                end as input_{{ p }},
            {%- endfor %}
            clipped.customer_id,
            clipped.numbers,
            clipped.texts
        from clipped_columns as clipped
        cross join recipe

    ),

    columns as (

        select
            scaled.customer_id,
            scaled.numbers,
            scaled.texts,
            case
                {%- for width in range(1, widest + 1) %}
                when recipe.is_plain and recipe.width = {{ width }}
                    then [{% for p in range(1, width + 1) %}scaled.input_{{ p }}{{ ', ' if not loop.last }}{% endfor %}]
                {%- endfor %}
            end as inputs
        from scaled_columns as scaled
        cross join recipe

    ),

    ---------- the lists

    imputed as (

        select
            columns.customer_id,
            columns.inputs,
            case
                when not recipe.is_plain
                    then list_transform(recipe.inputs, lambda input: coalesce({{ reading }}, input.imputation))
            end as numbers,
            case
                when recipe.imputation_weights is not null
                    then list_transform(recipe.inputs, lambda input: {{ reading }})
            end as gaps
        from columns
        cross join recipe

    ),

    filled as (

        select
            imputed.customer_id,
            imputed.inputs,
            case
                when recipe.imputation_weights is null then imputed.numbers
                else list_transform(
                    recipe.inputs,
                    lambda input: case
                        when imputed.gaps[input.place] is null
                            then list_inner_product(
                                    recipe.imputation_weights[input.place], list_append(imputed.numbers, 1)
                                )
                        else imputed.numbers[input.place]
                    end
                )
            end as numbers
        from imputed
        cross join recipe

    ),

    clipped as (

        select
            filled.customer_id,
            filled.inputs,
            case
                when not recipe.is_plain
                    then list_transform(
                        recipe.inputs,
                        lambda input:
                            {{ clipped_number('filled.numbers[input.place]', 'input.lower_bound', 'input.upper_bound') }}
                    )
            end as numbers
        from filled
        cross join recipe

    ),

    scaled as (

        select
            clipped.customer_id,
            case
                when recipe.is_plain then clipped.inputs
                else list_transform(
                    recipe.inputs,
                    lambda input:
                        {{ scaled_number(
                            'clipped.numbers[input.place]', 'input.transform', 'input.power', 'input.centre', 'input.scale'
                        ) }}
                )
            end as inputs
        from clipped
        cross join recipe

    )

    select
        scaled.customer_id,
        recipe.model_version,
        scaled.inputs,
        case
            when recipe.projection is null then scaled.inputs
            else list_transform(
                recipe.projection, lambda component: list_inner_product(component, scaled.inputs)
            )
        end as vector
    from scaled
    cross join recipe
{%- endmacro %}


{# An element of a list of doubles; one that is not finite is as good as missing. #}
{% macro finite_element(numbers, position) -%}
    case when isfinite({{ numbers }}[{{ position }}]) then {{ numbers }}[{{ position }}] end
{%- endmacro %}


{# Within its bounds, where it has any. least() and greatest() pass over a null: a gap would become a bound. #}
{% macro clipped_number(x, lower_bound, upper_bound) -%}
    case
        when {{ x }} is not null
            then least(greatest({{ x }}, coalesce({{ lower_bound }}, {{ x }})), coalesce({{ upper_bound }}, {{ x }}))
    end
{%- endmacro %}


{# Without imputation a gap that the training customers did not have takes the centre. #}
{% macro scaled_number(x, transform, power, centre, scale) -%}
    coalesce(({{ transformed(x, transform, power) }} - {{ centre }}) / {{ scale }}, 0)
{%- endmacro %}
