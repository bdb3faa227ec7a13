{{ config(materialized='table', post_hook="{{ say_warnings() }}") }}

with

model as (

    select * from {{ ref('current_model') }}

),

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

assignments as (

    select * from {{ ref('segment_assignments') }}

),

assigned as (

    select
        snapshot.*,
        assignments.segment_id
    from snapshot
    inner join assignments
        on snapshot.customer_id = assignments.customer_id

),

names as (

    select * from {{ ref('segment_names') }}

),

features as (

    {{ drift_features('model') }}

),

inputs as (

    select
        {{ unnested([
            ('feature_names', 'feature'), ('lower_bound', 'lower_bound'), ('upper_bound', 'upper_bound')
        ]) }}
    from model

),

-- a category has several inputs, and no bounds
bounds as (

    select
        feature,
        min(lower_bound) as lower_bound,
        max(upper_bound) as upper_bound
    from inputs
    group by feature

),

binned as (

    {{ binned_customers('assigned', 'features', carried=['segment_id']) }}

),

-- One pass over the customers; all that follows is small.
segment_counts as (

    select
        binned.feature,
        binned.bin,
        binned.segment_id,
        count(*) as customers,
        count(
            case when binned.number < bounds.lower_bound or binned.number > bounds.upper_bound then 1 end
        ) as clipped_customers
    from binned
    left join bounds
        on binned.feature = bounds.feature
    group by
        binned.feature,
        binned.bin,
        binned.segment_id

),

counts as (

    select
        feature,
        bin,
        sum(customers) as customers,
        sum(clipped_customers) as clipped_customers
    from segment_counts
    group by
        feature,
        bin

),

shares as (

    {{ bin_shares('features', 'counts') }}

),

-- What a bin has gained or lost since training, dealt out to the segments as its customers are now.
moves as (

    select
        segment_counts.feature,
        segment_counts.segment_id,
        {{ ordered_sum(
            '(shares.share - shares.training_share) * segment_counts.customers / counts.customers', 'shares.bin'
        ) }} as moved_share
    from segment_counts
    inner join counts
        on segment_counts.feature = counts.feature
            and segment_counts.bin = counts.bin
    inner join shares
        on segment_counts.feature = shares.feature
            and segment_counts.bin = shares.bin
    group by
        segment_counts.feature,
        segment_counts.segment_id

),

sizes as (

    select
        features.feature,
        features.levels is not null as is_category,
        {{ list_length('features.shares') }} - 1 as last_bin,
        sum(counts.customers) as customers,
        coalesce(sum(counts.clipped_customers), 0) as clipped_customers
    from features
    left join counts
        on features.feature = counts.feature
    group by
        features.feature,
        features.levels,
        features.shares

),

most_moved as (

    select
        moves.feature,
        moves.segment_id,
        moves.moved_share
    from moves
    inner join sizes
        on moves.feature = sizes.feature
    -- less than one customer is nobody
    where abs(moves.moved_share) * sizes.customers >= 1
    qualify row_number() over (partition by moves.feature order by abs(moves.moved_share) desc, moves.segment_id) = 1

),

measured as (

    select
        shares.feature,
        {{ population_stability_index('shares.share', 'shares.training_share', 'shares.bin') }} as psi,
        max(case when shares.bin = 0 then shares.training_share end) as training_missing_share,
        max(case when shares.bin = 0 then shares.share end) as missing_share,
        max(
            case when sizes.is_category and shares.bin = sizes.last_bin then shares.training_share end
        ) as training_other_share,
        max(case when sizes.is_category and shares.bin = sizes.last_bin then shares.share end) as other_share
    from shares
    inner join sizes
        on shares.feature = sizes.feature
    group by shares.feature

),

compared as (

    select
        measured.*,
        model.model_version,
        cast(most_moved.segment_id as integer) as moved_segment_id,
        names.segment_name as moved_segment_name,
        most_moved.moved_share,
        cast(sizes.customers as bigint) as customers,
        case when not sizes.is_category then cast(sizes.clipped_customers as bigint) end as clipped_customers
    from measured
    cross join model
    inner join sizes
        on measured.feature = sizes.feature
    left join most_moved
        on measured.feature = most_moved.feature
    left join names
        on most_moved.segment_id = names.segment_id

),

drift as (

    select

        ---------- keys
        feature,

        ---------- how much it has drifted
        psi,
        {{ drift_status('psi') }} as status,
        case
            when psi is null then feature || ' is not in customer_features any more.'
            else
                feature || ' has ' || {{ drift_in_words('psi') }}
                || coalesce(
                    ' That moves ' || {{ percentage('abs(moved_share)') }} || ' of the customers '
                    || case when moved_share > 0 then 'into ' else 'out of ' end
                    || {{ segment_in_words('moved_segment_id', 'moved_segment_name') }} || '.',
                    ''
                )
                || case
                    when psi >= {{ setting('drift_warn') }}
                        then ' Look whether its source has changed; if the customers have, fit again.'
                    else ''
                end
        end as message,

        ---------- the segment that it moves most
        moved_segment_id,
        moved_segment_name,
        moved_share,

        ---------- what the model cannot see
        training_missing_share,
        missing_share,
        training_other_share,
        other_share,
        cast(clipped_customers as double) / customers as clipped_share,
        cast(round(missing_share * customers) as bigint) as missing_customers,
        cast(round(other_share * customers) as bigint) as other_customers,
        clipped_customers,
        customers,

        ---------- lineage
        model_version

    from compared

)

select * from drift
