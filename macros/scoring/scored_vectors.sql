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
    {%- set level = 'coalesce(' ~ element('columns.texts', 'input.text_position') ~ ", '(missing)')" -%}
    {%- set reading -%}
        case
            when not input.is_category then {{ finite_element('columns.numbers', 'input.number_position') }}
            when {{ level }} = input.level_name
                or (input.level_name = '(other)' and not {{ is_in_list('input.feature_levels', level) }}) then 1
            else 0
        end
    {%- endset -%}
    {%- set scaled_inputs = [] -%}
    {%- for p in range(1, widest + 1) %}{% do scaled_inputs.append('scaled.input_' ~ p) %}{% endfor -%}
    {%- set input = {
        'place': 'p',
        'is_category': element('transform', 'p') ~ " = 'one_hot'",
        'number_position': element('number_position', 'p'),
        'text_position': element('text_position', 'p'),
        'level_name': element('input_level', 'p'),
    } -%}
    {%- for name in [
        'feature_levels', 'imputation', 'lower_bound', 'upper_bound', 'transform', 'power', 'centre', 'scale'
    ] %}{% do input.update({name: element(name, 'p')}) %}{% endfor -%}
    with

    recipe as (

        select
            *,
            {{ list_length('input_names') }} as width,
            {{ list_length('input_names') }} <= {{ widest }}
            and imputation_weights is null
            and not {{ is_in_list('transform', "'one_hot'") }} as is_plain,
            {{ list_map(positions('input_names'), 'p', record_of(input)) }} as inputs
        from {{ model }}

    ),

    ---------- the columns

    filled_columns as (

        select
            {%- for p in range(1, widest + 1) %}
                case
                    when recipe.is_plain and {{ p }} <= recipe.width
                        then coalesce(
                            {{ finite_element('customers.numbers', element('recipe.number_position', p)) }},
                            {{ element('recipe.imputation', p) }}
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
                {{ clipped_number(
                    'filled.input_' ~ p, element('recipe.lower_bound', p), element('recipe.upper_bound', p)
                ) }} as input_{{ p }},
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
                            'clipped.input_' ~ p, element('recipe.transform', p), element('recipe.power', p),
                            element('recipe.centre', p), element('recipe.scale', p)
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
                    then {{ list_of(scaled_inputs[:width], 'double') }}
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
                    then {{ list_map('recipe.inputs', 'input', 'coalesce(' ~ reading ~ ', input.imputation)') }}
            end as numbers,
            case
                when recipe.imputation_weights is not null
                    then {{ list_map('recipe.inputs', 'input', reading) }}
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
                else {{ list_map(
                    'recipe.inputs', 'input',
                    'case when ' ~ element('imputed.gaps', 'input.place') ~ ' is null then '
                    ~ inner_product(
                        element('recipe.imputation_weights', 'input.place'),
                        list_and('imputed.numbers', 'cast(1 as double)')
                    )
                    ~ ' else ' ~ element('imputed.numbers', 'input.place') ~ ' end'
                ) }}
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
                    then {{ list_map(
                        'recipe.inputs', 'input',
                        clipped_number(
                            element('filled.numbers', 'input.place'), 'input.lower_bound', 'input.upper_bound'
                        )
                    ) }}
            end as numbers
        from filled
        cross join recipe

    ),

    scaled as (

        select
            clipped.customer_id,
            case
                when recipe.is_plain then clipped.inputs
                else {{ list_map(
                    'recipe.inputs', 'input',
                    scaled_number(
                        element('clipped.numbers', 'input.place'), 'input.transform', 'input.power', 'input.centre',
                        'input.scale'
                    )
                ) }}
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
            else {{ list_map('recipe.projection', 'component', inner_product('component', 'scaled.inputs')) }}
        end as vector
    from scaled
    cross join recipe
{%- endmacro %}


{# An element of a list of doubles; one that is not finite is as good as missing. #}
{% macro finite_element(numbers, position) -%}
    {%- set number = element(numbers, position) -%}
    case when {{ is_finite(number) }} then {{ number }} end
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
