{{ config(materialized=costly_view(), post_hook="{{ check_name_overrides() }}") }}

with

register as (

    select * from {{ ref('segment_name_register') }}

),

prototypes as (

    select
        fitted_at,
        {{ unnested([('prototype_segment_id', 'segment_id')]) }}
    from {{ ref('segment_model') }}

),

-- What the register keeps of a registry that was dropped is no name of today.
births as (

    select
        segment_id,
        min(fitted_at) as born_at
    from prototypes
    group by segment_id

),

overrides as (

    select * from {{ ref('stg_name_overrides') }}

),

phrases as (

    select * from {{ ref('feature_phrases') }}

),

names as (

    select

        ---------- keys
        register.segment_id,
        register.born_at,

        ---------- where it comes from
        register.generated_name,
        overrides.comment,

        ---------- what they say
        register.rfm_segment,
        register.distinguished_by,
        phrases.advice,

        ---------- the name
        overrides.segment_name is not null as is_name_overridden,
        coalesce(overrides.segment_name, register.generated_name) as segment_name

    from register
    inner join births
        on register.segment_id = births.segment_id
            and register.born_at = births.born_at
    left join overrides
        on register.segment_id = overrides.segment_id
            and overrides.segment_name is not null
    left join phrases
        on {{ element('register.claims', 1) }}.feature = phrases.feature
            and {{ element('register.claims', 1) }}.direction = phrases.direction
            and {{ element('register.claims', 1) }}.level_name is null

)

select * from names
