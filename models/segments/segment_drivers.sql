{{ config(materialized='table') }}

with

assignments as (

    select * from {{ ref('segment_assignments') }}

),

input_values as (

    select * from {{ ref('input_values') }}

),

vectors as (

    select * from {{ ref('customer_vectors') }}

),

model as (

    select * from {{ ref('current_model') }}

),

importance as (

    select * from {{ ref('feature_importance') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

customers as (

    select
        assignments.segment_id,
        {{ unnested([
            ('vectors.inputs', 'scaled_value'),
            ('input_values.numbers', 'number'),
            (positions('vectors.inputs'), 'place'),
        ]) }}
    from assignments
    inner join vectors
        on assignments.customer_id = vectors.customer_id
    inner join input_values
        on assignments.customer_id = input_values.customer_id

),

-- In the unit of the feature; of a level whether the customer has it, 0 or 1.
measured as (

    select
        customers.segment_id,
        customers.place,
        customers.scaled_value,
        case
            when {{ element('model.transform', 'customers.place') }} = 'one_hot'
                then
                    round(
                        customers.scaled_value * {{ element('model.scale', 'customers.place') }}
                        + {{ element('model.centre', 'customers.place') }}
                    )
            else customers.number
        end as number,
        case when {{ element('model.transform', 'customers.place') }} != 'one_hot' then customers.number end
            as ranked_number
    from customers
    cross join model

),

-- Sums of decimals are exact, so that not even the last digit depends on the order of the rows.
by_segment as (

    select
        segment_id,
        place,
        count(*) as customers,
        count(number) as known,
        sum({{ to_decimal('number', 38, 12) }}) as total,
        sum({{ to_decimal('scaled_value', 38, 12) }}) as scaled_total,
        sum({{ to_decimal('scaled_value * scaled_value', 38, 12) }}) as scaled_squares,
        median(ranked_number) as median_number
    from measured
    group by
        segment_id,
        place

),

medians as (

    select
        place,
        median(ranked_number) as median_number
    from measured
    group by place

),

overall as (

    select
        by_segment.place,
        medians.median_number,
        cast(sum(by_segment.total) as double) / nullif(sum(by_segment.known), 0) as mean_number,
        cast(sum(by_segment.scaled_total) as double) / sum(by_segment.customers) as scaled_mean,
        cast(sum(by_segment.scaled_squares) as double) / sum(by_segment.customers) as scaled_mean_square
    from by_segment
    inner join medians
        on by_segment.place = medians.place
    group by
        by_segment.place,
        medians.median_number

),

compared as (

    select
        by_segment.segment_id,
        by_segment.place,
        by_segment.median_number,
        overall.median_number as median_of_all,
        overall.mean_number as mean_of_all,
        cast(by_segment.total as double) / nullif(by_segment.known, 0) as mean_number,
        -- rounding may leave a little of a variance that is none
        (cast(by_segment.scaled_total as double) / by_segment.customers - overall.scaled_mean)
        / nullif(sqrt(
            case
                when overall.scaled_mean_square - pow(overall.scaled_mean, 2) > 1e-12 * overall.scaled_mean_square
                    then overall.scaled_mean_square - pow(overall.scaled_mean, 2)
                else 0
            end
        ), 0) as standardised_difference
    from by_segment
    inner join overall
        on by_segment.place = overall.place

),

shares as (

    select
        segment_id,
        feature,
        cast(customers_moved as double) / customers as importance,
        cast(sum(customers_moved) over (partition by feature) as double)
        / sum(customers) over (partition by feature) as overall_importance
    from importance

),

-- A segment too small for the sample of customers that were shuffled has no importance of its own.
overall_shares as (

    select
        feature,
        max(overall_importance) as overall_importance
    from shares
    group by feature

),

named as (

    select
        compared.*,
        model.model_version,
        {{ element('model.input_names', 'compared.place') }} as input,
        {{ element('model.feature_names', 'compared.place') }} as feature
    from compared
    cross join model

),

ranked as (

    select
        *,
        row_number() over (
            partition by segment_id
            order by abs(standardised_difference) desc nulls last, input asc
        ) as turn
    from named

),

drivers as (

    select

        ---------- keys
        cast(ranked.segment_id as integer) as segment_id,
        ranked.input,

        ---------- names
        ranked.feature,
        names.segment_name,

        ---------- what sets the segment apart
        cast(ranked.turn as integer) as rank,
        ranked.standardised_difference,

        ---------- in the unit of the feature
        ranked.mean_number as mean,
        ranked.mean_of_all,
        ranked.median_number as median,
        ranked.median_of_all,

        ---------- what the assignment rests on
        shares.importance,
        overall_shares.overall_importance,

        ---------- lineage
        ranked.model_version

    from ranked
    inner join names
        on ranked.segment_id = names.segment_id
    left join shares
        on ranked.segment_id = shares.segment_id
            and ranked.feature = shares.feature
    left join overall_shares
        on ranked.feature = overall_shares.feature

)

select * from drivers
