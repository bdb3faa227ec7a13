{{ config(pre_hook="{{ check_mapping('transactions') }}") }}

{%- set helper_columns = ['input_row', 'has_no_date', 'has_number_for_quantity', 'has_number_for_price'] -%}
{%- set has_quantity = setting('quantity') is not none -%}
{%- set has_price = setting('unit_price') is not none -%}
{%- set has_cost = setting('cost') is not none -%}
{%- set first_day = first_day_to_load() -%}
{%- set drops_repeats = setting('line_id') is not none or setting('drop_exact_duplicates') -%}
{%- set shown = {} -%}
{%- for name in columns_to_forget() + ['ordered_at'] -%}
    {%- set otherwise = ' else ' ~ dbt.date_trunc('day', name) if name == 'ordered_at' and remembers_lines() else '' -%}
    {%- do shown.update({
        name: "case when reject_reason is distinct from 'forgotten' then " ~ name ~ otherwise ~ ' end'
    }) -%}
{%- endfor %}

with

segmentation_input as (

    select
        *,
        -- the one column that is never the user's: see columns_except()
        true as is_input_row
    from {{ setting('transactions') }}

),

-- The user's other columns ride along, so that every expression in the settings may use them. A
-- typed column hides the raw one of the same name.
typed as (

    select
        {{ columns_except(typed_columns() + helper_columns, setting('transactions')) }},

        ---------- keys
        {{ id_text(safely(setting('customer_id'))) }} as customer_id,
        {{ id_text(safely(setting('order_id'))) }} as order_id,
        {% for name in optional_dimensions() if setting(name) is not none -%}
            {{ id_text(safely(setting(name))) }} as {{ name }},
        {% endfor %}
        ---------- when
        {{ to_utc_timestamp(safely(setting('ordered_at'))) }} as ordered_at,

        ---------- measures
        {% if has_quantity -%}
            {{ to_decimal(safely(setting('quantity'))) }} as quantity,
        {%- else -%}
            cast(null as decimal(18, 4)) as quantity,
        {%- endif %}
        {% if has_price -%}
            {{ to_decimal(safely(setting('unit_price'))) }} as unit_price,
        {%- else -%}
            cast(null as decimal(18, 4)) as unit_price,
        {%- endif %}

        ---------- why they may be missing
        {{ is_blank(safely(setting('ordered_at'))) }} as has_no_date,
        {{ is_number(safely(setting('quantity'))) if has_quantity else 'false' }} as has_number_for_quantity,
        {{ is_number(safely(setting('unit_price'))) if has_price else 'false' }} as has_number_for_price,

        {% if setting('drop_exact_duplicates') -%}
            {{ row_as_value('segmentation_input') }} as input_row,
        {%- endif %}

        ---------- as they came, to show beside a rejection
        {{ as_text(safely(setting('ordered_at'))) }} as ordered_at_text,
        {{ as_text(safely(setting('quantity'))) if has_quantity else 'cast(null as string)' }} as quantity_text,
        {{ as_text(safely(setting('unit_price'))) if has_price else 'cast(null as string)' }} as unit_price_text
    from segmentation_input

),

valued as (

    select
        {{ columns_except(['amount', 'line_cost'] if has_cost else ['amount'], setting('transactions')) }},
        {%- if has_cost %}
            {{ to_decimal(safely(setting('cost'))) }} as line_cost,
        {%- endif %}
        {{ line_amount() }} as amount
    from typed

),

judged as (

    select
        -- an id is hashed here and no earlier: the rules that follow are those of your settings, and mean your ids
        {{ hashed_column('customer_id') }},
        {{ hashed_column('order_id') }},
        {% for name in optional_dimensions() -%}
            {% if setting(name) is none -%}
                cast(null as string) as {{ name }},
            {% else -%}
                {{ hashed_column(name) if name == 'line_id' else name }},
            {% endif -%}
        {% endfor -%}
        ordered_at,
        quantity,
        unit_price,
        amount,
        coalesce({{ safely(is_return()) }}, false) as is_return,
        coalesce({{ safely(setting('exclude_when')) }}, false) as is_excluded,
        {{ 'line_cost' if has_cost else 'cast(null as decimal(18, 4)) as line_cost' }},
        has_no_date,
        has_number_for_quantity,
        has_number_for_price,
        {%- if setting('drop_exact_duplicates') %}
            input_row,
        {%- endif %}
        ordered_at_text,
        quantity_text,
        unit_price_text
    from valued
    {%- if first_day is not none %}
        -- before any comparison of lines, so that nothing else need be read
        where {{ is_to_load(first_day) }}
    {%- endif %}

),

checked as (

    select
        *,
        case
            when customer_id is null then 'missing_customer'
            {%- if forgets() %}
                when customer_id in (select customer_id from {{ ref('stg_forgotten') }}) then 'forgotten'
            {%- endif %}
            when order_id is null then 'missing_order'
            when ordered_at is null and has_no_date then 'missing_date'
            when ordered_at is null then 'unparsable_date'
            when ordered_at > {{ latest_order_date() }} then 'date_after_as_of'
            when ordered_at < {{ timestamp_literal(setting('earliest_order_date')) }} then 'date_too_early'
            {%- if has_quantity %}
                when quantity is null and has_number_for_quantity then 'non_finite_quantity'
                when quantity is null then 'missing_quantity'
                when quantity = 0 then 'zero_quantity'
                when quantity < 0 and not is_return then 'negative_quantity'
            {%- endif %}
            {%- if has_price %}
                when unit_price is null and has_number_for_price then 'non_finite_price'
                when unit_price is null then 'missing_price'
                when unit_price < 0 then 'negative_price'
                when unit_price = 0 then 'zero_price'
            {%- endif %}
            when amount is null or (amount < 0 and not is_return) then 'invalid_amount'
        end as unusable_because
    from judged

),

{%- if drops_repeats %}

    -- Only usable lines are compared: a broken first copy must not cost us the good second one.
    repeats as (

        select
            *,
            {% if setting('line_id') is not none -%}
                line_id is not null and unusable_because is null and row_number() over (
                    partition by line_id, unusable_because is null
                    order by
                        ordered_at, order_id, product_id nulls last, quantity, unit_price, customer_id,
                        amount, category nulls last, channel nulls last, country nulls last, is_return, is_excluded,
                        line_cost nulls last, ordered_at_text, quantity_text nulls last, unit_price_text nulls last
                ) > 1 as is_duplicate_line,
            {%- else -%}
                false as is_duplicate_line,
            {%- endif %}
            {% if setting('drop_exact_duplicates') -%}
                -- equal lines with a key are repeated keys already: without this, both would go
                line_id is null
                and unusable_because is null
                and row_number() over (partition by input_row order by customer_id) > 1 as is_exact_duplicate
            {%- else -%}
                false as is_exact_duplicate
            {%- endif %}
        from checked

    ),
{%- endif %}

decided as (

    select
        lines.*,
        case
            when lines.unusable_because is not null then lines.unusable_because
            {%- if drops_repeats %}
                when lines.is_duplicate_line then 'duplicate_line'
                when lines.is_exact_duplicate then 'exact_duplicate'
            {%- endif %}
            when lines.is_excluded then 'excluded'
            {%- if setting('returns') == 'ignore' %}
                when lines.is_return then 'return'
            {%- endif %}
            {%- if requires_consent() %}
                when consenting.customer_id is null then 'no_consent'
            {%- endif %}
        end as rejected_because
    from {{ 'repeats' if drops_repeats else 'checked' }} as lines
    {%- if requires_consent() %}
        left join {{ ref('stg_customers') }} as consenting
            on lines.customer_id = consenting.customer_id
    {%- endif %}

),

final as (

    select

        ---------- keys
        customer_id,
        order_id,
        line_id,
        product_id,

        ---------- dimensions
        category,
        channel,
        country,

        ---------- when
        ordered_at,

        ---------- measures
        quantity,
        unit_price,
        amount,
        -- what comes back brings its cost back, whatever its sign in the table
        case when is_return then -abs(line_cost) else line_cost end as line_cost,
        is_return,

        ---------- the verdict
        {% if setting('lookback_days') is none or remembers_lines() -%}
            rejected_because as reject_reason,
        {%- else -%}
            case
                when rejected_because is null and ordered_at < {{ lookback_start('decided') }} then 'outside_lookback'
                else rejected_because
            end as reject_reason,
        {%- endif %}

        ---------- as they came
        ordered_at_text,
        quantity_text,
        unit_price_text

    from decided

)

{%- if forgets() %},

    -- Of whoever is to be forgotten nothing leaves staging but that there was a line; the day only where lines are
    -- remembered by it.
    without_the_forgotten as (

        select {{ columns_replaced(shown, 'final') }}
        from final

    )
{%- endif %}

select * from {{ 'without_the_forgotten' if forgets() else 'final' }}
