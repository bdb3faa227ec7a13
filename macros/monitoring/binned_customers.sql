{#
    Select: one row per customer of `snapshot` and feature of `features` (see drift_features()), with
    the bin that the value falls into: 0 without a value, else 1 + the number of edges strictly below
    it, or the position among the levels; the last level takes every text that is not listed. `carried`
    names columns of `snapshot` to keep.

    Lists and not columns, as the registry says at run time which features count. The value is taken
    out of its list first: inside the lambda the whole list would be carried along, at half the speed.
#}
{% macro binned_customers(snapshot, features, carried=[]) %}
    {{ return(adapter.dispatch('binned_customers', 'customer_segmentation')(snapshot, features, carried)) }}
{% endmacro %}

{% macro default__binned_customers(snapshot, features, carried) -%}
    with

    customers as (

        select
            customer_id,
            {%- for column in carried %}
            {{ column }},
            {%- endfor %}
            {{ number_list() }} as numbers,
            {{ text_list() }} as texts
        from {{ snapshot }}

    ),

    readings as (

        select
            customers.customer_id,
            {%- for column in carried %}
            customers.{{ column }},
            {%- endfor %}
            features.feature,
            features.edges,
            features.levels,
            {{ element('customers.numbers', 'features.number_position') }} as number,
            {{ element('customers.texts', 'features.text_position') }} as level
        from customers
        inner join {{ features }} as features
            on coalesce(features.number_position, features.text_position) is not null

    )

    select
        customer_id,
        {%- for column in carried %}
        {{ column }},
        {%- endfor %}
        feature,
        number,
        level,
        case
            when levels is null and {{ is_finite('number') }}
                then 1 + {{ list_length(list_kept('edges', 'edge', 'edge < number')) }}
            when level is not null then coalesce({{ place_in_list('levels', 'level') }}, {{ list_length('levels') }})
            else 0
        end as bin
    from readings
{%- endmacro %}
