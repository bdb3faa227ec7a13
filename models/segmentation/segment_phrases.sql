{{ config(materialized='table') }}

with

traits as (

    select * from {{ ref('segment_traits') }}

),

archetypes as (

    select * from {{ ref('segment_archetypes') }}

),

expectations as (

    select
        rfm_segment,
        {{ collected("feature || ' ' || expectation", "feature || ' ' || expectation") }} as expectations
    from {{ ref('rfm_archetypes') }}
    group by rfm_segment

),

phrases as (

    select * from {{ ref('feature_phrases') }}

),

-- What sets a segment apart: by how many standard deviations on the logarithmic scale, as long as
-- the plain mean lies on the same side and most of its customers are in that mean.
apart as (

    select
        *,
        case when effect > 0 then 'high' else 'low' end as direction
    from traits
    where segment_id > 0
        and abs(effect) >= {{ setting('name_effect') }}
        and (mean - mean_of_all) * effect > 0
        and 2 * known_customers >= customers
        and (level_name is null or mean > 0.5)

),

worded as (

    select
        apart.*,
        coalesce(phrases.theme, apart.feature) as theme,
        phrases.implied_by,
        case
            when apart.level_name is not null
                -- a name goes into files and headlines: no commas, no line ends, nothing endless
                then 'mostly ' || nullif(trim({{ plain_words('left(apart.level_name, 40)') }}), '')
            when phrases.phrase is not null then phrases.phrase
            when {{ is_in_list(name_list(setting('attributes')), 'apart.feature') }}
                then case when apart.direction = 'high' then 'above-average ' else 'below-average ' end
                    || trim({{ plain_words("replace(apart.feature, '_', ' ')") }})
        end as phrase
    from apart
    left join phrases
        on apart.feature = phrases.feature
            and apart.direction = phrases.direction
            and apart.level_name is null

),

judged as (

    select
        worded.*,
        coalesce(
            {{ lists_overlap('expectations.expectations', text_parts('worded.implied_by', ' or ')) }},
            false
        ) as is_implied
    from worded
    inner join archetypes
        on worded.segment_id = archetypes.segment_id
    left join expectations
        on archetypes.rfm_segment = expectations.rfm_segment
    where worded.phrase is not null

),

-- One phrase a theme: large orders and bulk orders would be one fact told twice.
themes as (

    select *
    from judged
    qualify row_number() over (
            partition by segment_id, theme
            order by is_implied asc, abs(effect) desc, trait asc
        ) = 1

),

ranked as (

    select

        ---------- keys
        segment_id,

        ---------- what it says
        phrase,
        theme,
        is_implied,

        ---------- what it rests on
        trait,
        feature,
        level_name,
        direction,
        effect,

        ---------- and how telling it is
        cast(row_number() over (
            partition by segment_id
            order by is_implied asc, abs(effect) desc, trait asc
        ) as bigint) as place

    from themes

)

select * from ranked
