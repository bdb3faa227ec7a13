{#
    Select: one row with the adjusted Rand index of two partitions of the same customers (Hubert & Arabie
    1985). `pairs` has one row per pair of groups that some customer is in, with their number in
    `customers`. Two partitions that both put everyone together agree.

    Only pairs of customers are counted: whole numbers, which no order of adding changes.
#}
{% macro adjusted_rand_index(pairs, one, other) -%}
    select
        coalesce(
            (in_both - in_first * in_second / nullif(in_all, 0))
            / nullif((in_first + in_second) / 2 - in_first * in_second / nullif(in_all, 0), 0), 1
        ) as adjusted_rand_index
    from (
        select
            (select sum({{ pairs_of_customers('customers') }}) from {{ pairs }}) as in_both,
            (
                select sum({{ pairs_of_customers('customers') }})
                from (select sum(customers) as customers from {{ pairs }} group by {{ one }}) as groups
            ) as in_first,
            (
                select sum({{ pairs_of_customers('customers') }})
                from (select sum(customers) as customers from {{ pairs }} group by {{ other }}) as groups
            ) as in_second,
            (
                select {{ pairs_of_customers('customers') }}
                from (select sum(customers) as customers from {{ pairs }}) as everyone
            ) as in_all
    ) as together
{%- endmacro %}


{% macro pairs_of_customers(customers) -%}
    cast({{ customers }} as double) * (cast({{ customers }} as double) - 1) / 2
{%- endmacro %}
