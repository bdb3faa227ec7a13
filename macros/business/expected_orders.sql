{#
    Select: one row per model of repeat buying and history (repeat_order_days, age_days) of `histories`,
    with the list `expected_orders`: the order days to be expected in each of the next `horizons` days from
    a customer who is still there.

    A customer of rate lambda who leaves with chance p after an order day makes (1 - exp(-lambda p t)) / p of
    them. Given his history lambda is gamma distributed, which leaves the mean over p of
    (1 - (1 + p t / (alpha + T))^-(r + x)) / p, where p is beta distributed with a and b plus the chances
    to leave that he has not taken: x of them, one more under mbg_nbd. The published formulas have the
    Gaussian hypergeometric function instead, which SQL has not; a test compares the two.

    `parameters` are the rows of lifetime_parameters of the models wanted.
#}
{% macro expected_orders(histories, parameters, horizons) %}
    {{ return(adapter.dispatch('expected_orders', 'customer_segmentation')(histories, parameters, horizons)) }}
{% endmacro %}

{% macro default__expected_orders(histories, parameters, horizons) -%}
    with

    modelled as (

        select distinct
            parameters.model,
            histories.repeat_order_days,
            histories.age_days,
            parameters.a,
            parameters.b + histories.repeat_order_days
            + case when parameters.model = 'mbg_nbd' then 1 else 0 end as stayed,
            parameters.r + histories.repeat_order_days as shape,
            parameters.alpha_days + histories.age_days as scale
        from {{ histories }} as histories
        cross join {{ parameters }} as parameters

    ),

    -- The mean over p is a sum over its logit s, in equal steps (the trapezoidal rule, which for such bells is
    -- exact to nine digits). Eight standard deviations and the exponential tails have to be covered, but not
    -- where p or 1 - p is below exp(-30): there nothing changes any more.
    bells as (

        select distinct
            model,
            repeat_order_days,
            a,
            stayed,
            ln(a / stayed) as centre,
            sqrt(1 / a + 1 / stayed) as deviation
        from modelled

    ),

    ranges as (

        select
            *,
            least(0.5, 0.4 * deviation) as step,
            greatest(-30, centre - 30 / a - 8 * deviation) as lowest,
            least(30, centre + 30 / stayed + 8 * deviation) as highest
        from bells

    ),

    places as (

        select
            *,
            {{ list_map(
                whole_numbers(0, 'cast(ceil((highest - lowest) / step) as bigint)'), 'i', 'lowest + i * step'
            ) }} as logits
        from ranges

    ),

    heights as (

        select
            *,
            -a * ln(1 + exp(-centre)) - stayed * ln(1 + exp(centre)) as highest_logarithm,
            {{ list_map('logits', 's', '-a * ln(1 + exp(-s)) - stayed * ln(1 + exp(s))') }} as logarithms
        from places

    ),

    bell_heights as (

        select
            *,
            {{ list_map('logarithms', 'height', 'exp(height - highest_logarithm)') }} as inner_heights
        from heights

    ),

    -- What lies beyond the two ends falls like a geometric series, whose sum the ends stand for.
    weights as (

        select
            model,
            repeat_order_days,
            {{ list_map('logits', 's', '1 / (1 + exp(-s))') }} as chances,
            {{ list_map(
                positions('inner_heights'),
                'i',
                element('inner_heights', 'i') ~ ' / case i when 1 then 1 - exp(-a * step) when '
                ~ list_length('inner_heights') ~ ' then 1 - exp(-stayed * step) else 1 end'
            ) }} as heights
        from bell_heights

    )

    select
        modelled.model,
        modelled.repeat_order_days,
        modelled.age_days,
        -- 1 - exp(-2 u) is 2 tanh u / (1 + tanh u), and ln(1 + y) is 2 atanh(y / (2 + y)): no digit is lost
        -- where p is tiny
        {{ list_map(
            'horizons.days_ahead',
            'days',
            inner_product(
                'weights.heights',
                list_map(
                    'weights.chances',
                    'p',
                    '2 / (p * (1 + 1 / tanh(modelled.shape * atanh(p * days / (2 * modelled.scale + p * days)))))'
                )
            ) ~ ' / ' ~ list_total('weights.heights')
        ) }} as expected_orders
    from modelled
    inner join weights
        on modelled.model = weights.model
            and modelled.repeat_order_days = weights.repeat_order_days
    -- a column, since not every engine takes a subquery where a list is mapped
    cross join (select {{ horizons }} as days_ahead) as horizons
{%- endmacro %}


{#
    Chance that a customer is still there: one who has not ordered since his t_x-th day may have left at
    each chance he had, which is none at all for a one-time buyer under bg_nbd.
#}
{% macro probability_alive(history, parameters) -%}
    case
        when {{ parameters }}.model = 'bg_nbd' and {{ history }}.repeat_order_days = 0 then 1
        else 1 / (
            1 + {{ parameters }}.a / (
                {{ parameters }}.b + {{ history }}.repeat_order_days
                - case when {{ parameters }}.model = 'bg_nbd' then 1 else 0 end
            ) * exp(least(
                700,
                ({{ parameters }}.r + {{ history }}.repeat_order_days) * ln(
                    ({{ parameters }}.alpha_days + {{ history }}.age_days)
                    / ({{ parameters }}.alpha_days + {{ history }}.t_x_days)
                )
            ))
        )
    end
{%- endmacro %}
