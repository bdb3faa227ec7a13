{{ config(materialized='table', post_hook="{{ say_warnings() }}") }}

with

model as (

    select * from {{ ref('current_model') }}

),

assignments as (

    select * from {{ ref('segment_assignments') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

frozen as (

    select
        model_version,
        {{ unnested([('segment_ids', 'segment_id'), ('segment_share', 'training_share')]) }}
    from model

),

sizes as (

    select
        segment_id,
        count(*) as customers
    from assignments
    group by segment_id

),

totals as (

    select sum(customers) as customers
    from sizes

),

shares as (

    select
        frozen.model_version,
        frozen.segment_id,
        names.segment_name,
        frozen.training_share,
        coalesce(sizes.customers, 0) as customers,
        cast(coalesce(sizes.customers, 0) as double) / totals.customers as customer_share
    from frozen
    cross join totals
    left join sizes
        on frozen.segment_id = sizes.segment_id
    left join names
        on frozen.segment_id = names.segment_id

),

contributions as (

    select
        *,
        {{ stability_term('customer_share', 'training_share') }} as psi
    from shares

),

overall as (

    select
        max(model_version) as model_version,
        sum(customers) as customers,
        {{ ordered_sum('psi', 'segment_id') }} as psi
    from contributions

),

told as (

    select
        *,
        {{ segment_in_words('segment_id', 'segment_name') }} || ' holds ' || {{ percentage('customer_share') }}
        || ' of the customers, and held ' || {{ percentage('training_share') }} || ' at training' as sentence
    from contributions

),

-- The segment whose share has moved most explains the whole.
most_moved as (

    select sentence
    from told
    order by
        abs(customer_share - training_share) desc,
        segment_id asc
    limit 1

),

combined as (

    select
        'segment' as scope,
        cast(segment_id as string) as scope_id,
        segment_id,
        segment_name,
        -- the limits are for the whole, to which a segment only contributes
        'pass' as status,
        customers,
        training_share,
        customer_share,
        psi,
        'S' || substr(sentence, 2) || '.' as message,
        model_version
    from told

    union all

    select
        'overall' as scope,
        'all' as scope_id,
        cast(null as integer) as segment_id,
        cast(null as string) as segment_name,
        {{ drift_status('overall.psi') }} as status,
        overall.customers,
        1.0 as training_share,
        1.0 as customer_share,
        overall.psi,
        'The sizes of the segments have ' || {{ drift_in_words('overall.psi') }}
        || case
            when overall.psi >= {{ setting('drift_warn') }}
                then
                    ' Most of all, ' || most_moved.sentence
                    || '. See feature_drift for the reason, and fit again if the customers have really changed.'
            else ''
        end as message,
        overall.model_version
    from overall
    cross join most_moved

),

drift as (

    select

        ---------- keys
        scope,
        scope_id,
        cast(segment_id as integer) as segment_id,
        segment_name,

        ---------- verdict
        status,
        message,

        ---------- measures
        cast(customers as bigint) as customers,
        training_share,
        customer_share,
        psi,

        ---------- lineage
        model_version

    from combined

)

select * from drift
