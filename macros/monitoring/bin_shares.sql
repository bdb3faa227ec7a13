{#
    Select: one row per feature and bin, with its share of the customers now and at training.
    `features` is as in drift_features(), `counts` has the columns feature, bin and customers. The share
    now is null for a feature that has no counts at all.
#}
{% macro bin_shares(features, counts) %}
    {{ return(adapter.dispatch('bin_shares', 'customer_segmentation')(features, counts)) }}
{% endmacro %}

{% macro default__bin_shares(features, counts) -%}
    with

    bins as (

        select
            feature,
            {{ unnested([
                (whole_numbers(0, list_length('shares') ~ ' - 1'), 'bin'), ('shares', 'training_share')
            ]) }}
        from {{ features }}

    ),

    totals as (

        select
            feature,
            sum(customers) as customers
        from {{ counts }}
        group by feature

    )

    select
        bins.feature,
        bins.bin,
        bins.training_share,
        cast(coalesce(counts.customers, 0) as double) / totals.customers as share
    from bins
    left join totals
        on bins.feature = totals.feature
    left join {{ counts }} as counts
        on bins.feature = counts.feature
            and bins.bin = counts.bin
{%- endmacro %}
