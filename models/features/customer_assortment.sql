{%- set dimensions = [] -%}
{%- for name in ['product_id', 'category', 'channel'] if setting(name) is not none -%}
    {%- do dimensions.append(name) -%}
{%- endfor %}
{%- set remembers = remembers_lines() and dimensions != [] %}

{{ config(
    materialized=table_that_reads_itself() if remembers else 'table' if pseudonymizes() else 'view'
) }}

{%- set updates = remembers and knows_older_lines() %}

{% if not remembers -%}
-- depends_on: {{ ref('transaction_audit') }}
{% endif -%}
with

{%- if updates %}

    changed as (

        {{ changed_keys(['customer_id'], 'last_purchase_line_at') }}

    ),

    unchanged as (

        select before.*
        from {{ this }} as before
        left join changed
            on before.customer_id = changed.customer_id
        where changed.customer_id is null

    ),
{%- endif %}

{%- if dimensions %}

    purchases as (

        select lines.* from {{ judged_lines() }} as lines
        {%- if updates %}
            inner join changed
                on lines.customer_id = changed.customer_id
        {%- endif %}
        where lines.reject_reason is null and not lines.is_return

    ),

    -- One pass groups the lines by every mapped dimension at once, and adds up amounts only where a
    -- favourite is to be found. sqlfluff takes GROUPING for a column.
    spend as (

        select
            {%- for name in dimensions %}
                grouping({{ name }}) = 0 and {{ name }} is not null as is_{{ name }},
            {%- endfor %}
            {%- if dimensions != ['product_id'] %}
                sum(amount) as amount,
            {%- endif %}
            {%- if remembers %}
                max(ordered_at) as last_purchase_line_at,
                max(loaded_at) as loaded_at,
            {%- endif %}
            customer_id,
            {{ dimensions | join(', ') }}
        from purchases
        group by grouping sets (  -- noqa: PRS
            {%- for name in dimensions %}
                (customer_id, {{ name }}){{ ',' if not loop.last }}
            {%- endfor %}
        )

    ),
{%- else %}

    spend as (

        select distinct customer_id from {{ ref('customer_orders') }}

    ),
{%- endif %}

assortment as (

    select

        ---------- keys
        customer_id,
        {%- if remembers %}

            ---------- what it rests on
            max(last_purchase_line_at) as last_purchase_line_at,
            max(loaded_at) as loaded_at,
        {%- endif %}

        ---------- breadth
        {% for name, column in [('product_id', 'distinct_products'), ('category', 'distinct_categories')] -%}
            {% if name in dimensions -%}
                count(case when is_{{ name }} then 1 end) as {{ column }},
            {%- else -%}
                cast(null as bigint) as {{ column }},
            {%- endif %}
        {% endfor %}
        ---------- favourites: where most was spent, ties to the first in the alphabet
        {{ first_by('category', '-amount', 'is_category') if 'category' in dimensions else 'cast(null as string)' }}
            as favourite_category,
        {{ first_by('channel', '-amount', 'is_channel') if 'channel' in dimensions else 'cast(null as string)' }}
            as favourite_channel
    from spend
    group by customer_id

)

select * from assortment
{%- if updates %}

union all

select * from unchanged
{%- endif %}
