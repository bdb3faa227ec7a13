{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='segment_id', full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

phrases as (

    select * from {{ ref('segment_phrases') }}

),

run as (

    select
        model.model_version,
        max(rfm.as_of) as as_of
    from {{ ref('current_model') }} as model
    cross join {{ ref('customer_rfm') }} as rfm
    group by model.model_version

),

prototypes as (

    select
        fitted_at,
        {{ unnested([('prototype_segment_id', 'segment_id')]) }}
    from {{ ref('segment_model') }}

),

-- An id is never used twice, but a registry that was dropped begins again with 1: an id and the fit
-- that it was born in tell the two apart.
births as (

    select
        segment_id,
        min(fitted_at) as born_at
    from prototypes
    group by segment_id

),

register as (

    {% if is_incremental() -%}
        select
            registered.segment_id,
            registered.rfm_segment,
            registered.name_stem,
            registered.occurrence
        from {{ this }} as registered
        inner join births
            on registered.segment_id = births.segment_id
                and registered.born_at = births.born_at
    {%- else -%}
        select
            cast(null as integer) as segment_id,
            cast(null as string) as rfm_segment,
            cast(null as string) as name_stem,
            cast(null as integer) as occurrence
        where false
    {%- endif %}

),

-- Once named, a segment keeps its name, however its customers change.
unnamed as (

    select
        archetypes.*,
        births.born_at,
        case
            when archetypes.segment_id = 0 then 'Unassigned'
            else coalesce(archetypes.rfm_segment, 'Segment ' || cast(archetypes.segment_id as string))
        end as base
    from archetypes
    inner join births
        on archetypes.segment_id = births.segment_id
    left join register
        on archetypes.segment_id = register.segment_id
    where register.segment_id is null

),

-- Whether an archetype is that of several segments, so that each needs to be told from the others.
borne as (

    select rfm_segment from unnamed

    union all

    select rfm_segment from register

),

shared as (

    select rfm_segment
    from borne
    where rfm_segment is not null
    group by rfm_segment
    having count(*) > 1

),

-- The first phrase says what the archetype does not say, or else what sets the segment apart from
-- another one of its archetype; the second only what is clearly so.
told as (

    select
        unnamed.*,
        first_phrases.phrase as first_phrase,
        second_phrases.phrase as second_phrase,
        first_phrases.phrase is not null and (not first_phrases.is_implied or shared.rfm_segment is not null)
            as tells_first,
        second_phrases.phrase is not null and not second_phrases.is_implied
        and abs(second_phrases.effect) >= 2 * {{ setting('name_effect') }} as tells_second
    from unnamed
    left join shared
        on unnamed.rfm_segment = shared.rfm_segment
    left join phrases as first_phrases
        on unnamed.segment_id = first_phrases.segment_id
            and first_phrases.place = 1
    left join phrases as second_phrases
        on unnamed.segment_id = second_phrases.segment_id
            and second_phrases.place = 2

),

taken as (

    select distinct name_stem
    from register

),

stems as (

    select
        *,
        case when tells_first then 1 else 0 end + case when tells_second then 1 else 0 end as short_phrases,
        case
            when tells_second then base || ' · ' || first_phrase || ' and ' || second_phrase
            when tells_first then base || ' · ' || first_phrase
            else base
        end as short_stem
    from told

),

-- Where the short name is not free, the second phrase may tell the two apart.
chosen as (

    select
        stems.*,
        case
            when stems.second_phrase is not null
                and (
                    taken.name_stem is not null
                    or count(*) over (partition by stems.short_stem) > 1
                )
                then 2
            else stems.short_phrases
        end as phrases_told
    from stems
    left join taken
        on stems.short_stem = taken.name_stem

),

named as (

    select
        *,
        case phrases_told
            when 2 then first_phrase || ' and ' || second_phrase
            when 1 then first_phrase
        end as distinguished_by,
        base || coalesce(
            ' · ' || case phrases_told
                when 2 then first_phrase || ' and ' || second_phrase
                when 1 then first_phrase
            end,
            ''
        ) as name_stem
    from chosen

),

taken_numbers as (

    select
        name_stem,
        {{ collected('occurrence', 'occurrence') }} as occurrences
    from register
    group by name_stem

),

turns as (

    select
        named.*,
        taken_numbers.occurrences,
        row_number() over (partition by named.name_stem order by named.segment_id) as turn
    from named
    left join taken_numbers
        on named.name_stem = taken_numbers.name_stem

),

-- What the words still leave equal is numbered: each gets the smallest number that no other has.
numbered as (

    select
        *,
        case
            when occurrences is null then turn
            else {{ element(
                list_kept(
                    whole_numbers(1, 'turn + ' ~ list_length('occurrences')), 'p', 'not ' ~ is_in_list('occurrences', 'p')
                ),
                'turn'
            ) }}
        end as occurrence
    from turns

),

claims as (

    select
        segment_id,
        {{ collected(
            record_of({'feature': 'feature', 'level_name': 'level_name', 'direction': 'direction', 'phrase': 'phrase'}),
            'place'
        ) }} as claims
    from phrases
    group by segment_id

),

names as (

    select

        ---------- keys
        numbered.segment_id,
        numbered.born_at,

        ---------- what the names rest on
        run.model_version as named_version,
        run.as_of as named_as_of,
        numbered.customers as named_customers,
        numbered.recency_score,
        numbered.frequency_score,
        numbered.monetary_score,

        ---------- names
        numbered.rfm_segment,
        numbered.distinguished_by,
        numbered.name_stem,
        cast(numbered.occurrence as integer) as occurrence,
        {{ list_part('claims.claims', 1, 'numbered.phrases_told') }} as claims,
        numbered.name_stem
        || case when numbered.occurrence > 1 then ' ' || cast(numbered.occurrence as string) else '' end
            as generated_name

    from numbered
    cross join run
    left join claims
        on numbered.segment_id = claims.segment_id

)

select * from names
