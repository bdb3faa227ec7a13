{{ config(materialized='table') }}

{#- Two-sided, at the 1 % level: of a hundred comparisons without a difference one is flagged. -#}
{%- set significant_z = 2.576 %}

with

segments as (

    select * from {{ ref('segments') }}

),

levels as (

    select * from {{ ref('customer_attribute_levels') }}

),

sizes as (

    select
        segment_id,
        segment_name,
        count(*) as segment_customers,
        max(model_version) as model_version,
        max(as_of) as as_of
    from segments
    group by
        segment_id,
        segment_name

),

totals as (

    select count(*) as all_customers
    from segments

),

-- Where the numbers of an attribute lie. Sums of what is scaled by it, kept as decimals, are exact, so
-- that no digit of a mean depends on the order of the rows.
extents as (

    select
        attribute,
        min(measure) as lowest,
        max(measure) - min(measure) as extent
    from levels
    where measure is not null
    group by attribute

),

members as (

    select
        levels.attribute,
        levels.attribute_kind,
        levels.attribute_level,
        levels.level_position,
        segments.segment_id,
        coalesce((levels.measure - extents.lowest) / nullif(extents.extent, 0), levels.measure - extents.lowest)
            as scaled
    from levels
    inner join segments
        on levels.customer_id = segments.customer_id
    left join extents
        on levels.attribute = extents.attribute

),

counted as (

    select
        segment_id,
        attribute,
        attribute_kind,
        attribute_level,
        level_position,
        count(*) as customers,
        count(scaled) as values_known,
        coalesce(sum(cast(scaled as decimal(38, 24))), 0) as scaled_sum,
        coalesce(sum(cast(scaled * scaled as decimal(38, 24))), 0) as scaled_squares
    from members
    group by
        segment_id,
        attribute,
        attribute_kind,
        attribute_level,
        level_position

),

-- The row of the mean is one more level, that of everybody with a value.
statistics as (

    select
        segment_id,
        attribute,
        attribute_kind,
        'share' as statistic,
        attribute_level,
        level_position,
        customers,
        cast(0 as decimal(38, 24)) as scaled_sum,
        cast(0 as decimal(38, 24)) as scaled_squares
    from counted

    union all

    select
        segment_id,
        attribute,
        attribute_kind,
        'mean' as statistic,
        '(mean)' as attribute_level,
        0 as level_position,
        sum(values_known) as customers,
        sum(scaled_sum) as scaled_sum,
        sum(scaled_squares) as scaled_squares
    from counted
    where attribute_kind = 'number'
    group by
        segment_id,
        attribute,
        attribute_kind

),

base as (

    select
        attribute,
        attribute_kind,
        statistic,
        attribute_level,
        level_position,
        sum(customers) as base_customers,
        sum(scaled_sum) as scaled_sum,
        sum(scaled_squares) as scaled_squares
    from statistics
    group by
        attribute,
        attribute_kind,
        statistic,
        attribute_level,
        level_position

),

-- A level that nobody in a segment has is as telling as any: it keeps its row.
gathered as (

    select
        base.attribute,
        base.attribute_kind,
        base.statistic,
        base.attribute_level,
        base.level_position,
        sizes.segment_id,
        sizes.segment_name,
        sizes.segment_customers,
        sizes.model_version,
        sizes.as_of,
        totals.all_customers,
        base.base_customers,
        base.scaled_sum as base_sum,
        base.scaled_squares as base_squares,
        coalesce(statistics.customers, 0) as customers,
        coalesce(statistics.scaled_sum, 0) as scaled_sum,
        coalesce(statistics.scaled_squares, 0) as scaled_squares,
        base.scaled_sum - coalesce(statistics.scaled_sum, 0) as others_sum,
        base.scaled_squares - coalesce(statistics.scaled_squares, 0) as others_squares,
        base.base_customers - coalesce(statistics.customers, 0) as others_customers,
        totals.all_customers - sizes.segment_customers as others_in_all
    from base
    cross join sizes
    cross join totals
    left join statistics
        on base.attribute = statistics.attribute
            and base.statistic = statistics.statistic
            and base.attribute_level = statistics.attribute_level
            and sizes.segment_id = statistics.segment_id

),

-- Scaled means and sample variances, of the segment, of all customers, and of all others.
measured as (

    select
        gathered.*,
        extents.lowest,
        coalesce(nullif(extents.extent, 0), 1) as extent,
        cast(gathered.customers as double) / gathered.segment_customers as share,
        cast(gathered.base_customers as double) / gathered.all_customers as base_share,
        cast(gathered.scaled_sum as double) / nullif(gathered.customers, 0) as scaled_mean,
        cast(gathered.base_sum as double) / nullif(gathered.base_customers, 0) as base_mean,
        cast(gathered.others_sum as double) / nullif(gathered.others_customers, 0) as others_mean,
        {{ sample_variance('gathered.scaled_squares', 'gathered.scaled_sum', 'gathered.customers') }}
            as scaled_variance,
        {{ sample_variance('gathered.base_squares', 'gathered.base_sum', 'gathered.base_customers') }}
            as base_variance,
        {{ sample_variance('gathered.others_squares', 'gathered.others_sum', 'gathered.others_customers') }}
            as others_variance
    from gathered
    left join extents
        on gathered.attribute = extents.attribute

),

-- Standard errors: of two proportions pooled, of two means after Welch.
errors as (

    select
        *,
        cast(others_customers as double) / nullif(others_in_all, 0) as others_share,
        sqrt(
            base_share * (1 - base_share)
            * (1 / cast(segment_customers as double) + 1 / nullif(cast(others_in_all as double), 0))
        ) as share_error,
        sqrt(scaled_variance / nullif(customers, 0) + others_variance / nullif(others_customers, 0)) as mean_error
    from measured

),

tested as (

    select
        *,
        case statistic
            when 'share' then (share - others_share) / nullif(share_error, 0)
            else (scaled_mean - others_mean) / nullif(mean_error, 0)
        end as z_score,
        case statistic
            when 'share'
                then least(segment_customers, others_in_all) * least(base_share, 1 - base_share) >= 5
            else least(customers, others_customers) >= 30
        end as is_testable
    from errors

),

judged as (

    select
        *,
        coalesce(is_testable and abs(z_score) >= {{ significant_z }}, false) as is_significant
    from tested

),

profiles as (

    select

        ---------- keys
        segment_id,
        segment_name,
        attribute,
        attribute_kind,
        statistic,
        attribute_level,
        cast(level_position as integer) as level_position,

        ---------- how many
        cast(customers as bigint) as customers,
        segment_customers,
        cast(base_customers as bigint) as base_customers,

        ---------- against all others
        z_score,
        is_significant,

        ---------- lineage
        model_version,
        as_of,

        ---------- share of a level
        case when statistic = 'share' then share end as share,
        case when statistic = 'share' then base_share end as base_share,

        ---------- mean of a number
        case when statistic = 'mean' then lowest + extent * scaled_mean end as mean_value,
        case when statistic = 'mean' then lowest + extent * base_mean end as base_mean_value,
        case when statistic = 'mean' then (scaled_mean - base_mean) / nullif(sqrt(base_variance), 0) end
            as standardised_difference,

        ---------- against all customers
        case
            when statistic = 'share' then 100 * share / base_share
            when lowest + extent * base_mean > 0
                then 100 * (lowest + extent * scaled_mean) / (lowest + extent * base_mean)
        end as index_to_base,

        ---------- in words
        case
            when is_significant and z_score > 0 then case statistic when 'share' then 'more often' else 'higher' end
            when is_significant then case statistic when 'share' then 'less often' else 'lower' end
            when z_score is null then 'nothing to compare'
            when not is_testable then 'too few to tell'
            else 'no clear difference'
        end as direction

    from judged

)

select * from profiles
