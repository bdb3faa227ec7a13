{{ config(materialized='table', post_hook="{{ say_warnings() }}") }}

with

names as (

    select * from {{ ref('segment_names') }}

),

register as (

    select * from {{ ref('segment_name_register') }}

),

traits as (

    select * from {{ ref('segment_traits') }}

),

archetypes as (

    select * from {{ ref('rfm_archetypes') }}

),

overrides as (

    select * from {{ ref('stg_name_overrides') }}

),

model as (

    select * from {{ ref('current_model') }}

),

rfm as (

    select * from {{ ref('customer_rfm') }}

),

run as (

    select
        model.model_version,
        max(rfm.as_of) as as_of
    from model
    cross join rfm
    group by model.model_version

),

sizes as (

    select
        segment_id,
        max(customers) as customers
    from traits
    group by segment_id

),

-- A name is new as long as the customers are those that it was made for.
named as (

    select
        names.segment_id,
        names.segment_name,
        names.is_name_overridden,
        register.rfm_segment,
        register.claims,
        run.model_version,
        register.named_version = run.model_version
        and register.named_as_of = run.as_of
        and register.named_customers = sizes.customers as is_new
    from names
    inner join register
        on names.segment_id = register.segment_id
            and names.born_at = register.born_at
    inner join sizes
        on names.segment_id = sizes.segment_id
    cross join run

),

claimed as (

    select
        segment_id,
        {{ unnested([('claims', 'claim')]) }}
    from named

),

claims as (

    select
        named.segment_id,
        archetypes.rfm_segment as words,
        archetypes.feature,
        cast(null as string) as level_name,
        archetypes.expectation,
        'its customers ' || archetypes.meaning as meaning
    from named
    inner join archetypes
        on named.rfm_segment = archetypes.rfm_segment

    union all

    select
        segment_id,
        claim.phrase as words,
        claim.feature,
        claim.level_name,
        case when claim.direction = 'high' then 'above' else 'below' end as expectation,
        case
            when claim.level_name is not null then 'most of its customers have this ' || claim.feature
            when claim.direction = 'high' then 'its mean ' || claim.feature || ' is above that of all'
            else 'its mean ' || claim.feature || ' is below that of all'
        end as meaning
    from claimed

),

judged as (

    select
        named.segment_id,
        named.segment_name,
        named.is_name_overridden,
        named.is_new,
        named.model_version,
        claims.words,
        claims.expectation,
        claims.meaning,
        claims.level_name is not null as is_level,
        claims.feature || coalesce('=' || claims.level_name, '') as trait,
        coalesce(traits.mean, case when claims.level_name is not null then 0 end) as mean,
        traits.mean_of_all,
        traits.effect,
        coalesce(
            -- a level that is not among the traits is that of most in no segment
            (claims.level_name is not null and coalesce(traits.mean, 0) <= 0.5)
            or {{ contradicts('claims.expectation', 'traits.mean', 'traits.mean_of_all') }},
            false
        ) as is_contradicted
    from claims
    inner join named
        on claims.segment_id = named.segment_id
    left join traits
        on claims.segment_id = traits.segment_id
            and claims.feature || coalesce('=' || claims.level_name, '') = traits.trait

),

unusable as (

    select
        overrides.segment_id_text,
        run.model_version,
        row_number() over (
            order by overrides.segment_id_text asc nulls last, overrides.segment_name asc nulls last
        ) as place,
        case
            when overrides.segment_name is null
                then 'a name for segment ' || coalesce(overrides.segment_id_text, '(blank)') || ' that is blank'
            else
                'the name ' || overrides.segment_name || ' to segment '
                || coalesce(overrides.segment_id_text, '(blank)') || ', which there is not'
        end as problem
    from overrides
    cross join run
    left join names
        on overrides.segment_id = names.segment_id
    where names.segment_id is null
        or overrides.segment_name is null

),

combined as (

    select
        'segment ' || cast(segment_id as string) || ': ' || words || ': ' || trait as check_id,
        segment_id,
        segment_name,
        words,
        trait,
        expectation,
        case
            when is_name_overridden or mean is null then 'skipped'
            when not is_contradicted then 'pass'
            when is_new then 'error'
            else 'warn'
        end as status,
        'S' || substr({{ segment_in_words('segment_id', 'segment_name') }}, 2) || ': ' || words || ' says that '
        || meaning || '; ' || case when is_level then 'the share' else 'the mean' end || ' is '
        || coalesce({{ in_words('mean') }}, 'unknown')
        || coalesce(' against ' || {{ in_words('mean_of_all') }}, '')
        || case
            when is_name_overridden then ', but the name is your own.'
            when not is_contradicted then '.'
            else
                ', so the word no longer fits: give it a name of your own in segmentation_name_overrides, or fit again'
                || ' with `segmentation_refit: always`.'
        end as message,
        mean,
        mean_of_all,
        effect,
        model_version
    from judged

    union all

    select
        'override ' || cast(place as string) as check_id,
        cast(null as integer) as segment_id,
        cast(null as string) as segment_name,
        cast(null as string) as words,
        cast(null as string) as trait,
        cast(null as string) as expectation,
        'warn' as status,
        'The table in segmentation_name_overrides gives ' || problem || ': correct the row or remove it.' as message,
        cast(null as double) as mean,
        cast(null as double) as mean_of_all,
        cast(null as double) as effect,
        model_version
    from unusable

),

name_checks as (

    select

        ---------- keys
        check_id,
        cast(segment_id as integer) as segment_id,
        segment_name,

        ---------- claim
        words,
        trait,
        expectation,

        ---------- verdict
        status,
        message,

        ---------- measures
        mean,
        mean_of_all,
        effect,

        ---------- lineage
        model_version

    from combined

)

select * from name_checks
