{{ config(materialized='table', post_hook="{{ say_warnings() }}") }}

{%- set limit = setting('min_stability') %}

with

model as (

    select * from {{ ref('current_model') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

-- segment 0 holds those that belong nowhere: it is no cluster that could be found again
listed as (

    select
        model_version,
        stability_runs,
        {{ unnested([('segment_ids', 'segment_id')]) }}
    from model

),

found as (

    select {{ unnested_records('stability', ['segment_id', 'jaccard']) }}
    from model

),

by_segment as (

    select
        listed.model_version,
        listed.stability_runs,
        listed.segment_id,
        names.segment_name,
        found.jaccard,
        case
            when found.jaccard is null then 'not measured'
            when found.jaccard < 0.6 then 'not to be trusted'
            when found.jaccard < 0.75 then 'a pattern, but its members are doubtful'
            when found.jaccard < 0.85 then 'stable'
            else 'highly stable'
        end as verdict,
        case
            when found.jaccard is null then 'skipped'
            when found.jaccard < {{ limit }} then 'warn'
            else 'pass'
        end as status,
        {{ segment_in_words('listed.segment_id', 'names.segment_name') }} as subject
    from listed
    left join found
        on listed.segment_id = found.segment_id
    left join names
        on listed.segment_id = names.segment_id
    where listed.segment_id > 0

),

mean_stability as (

    select avg(jaccard) as jaccard
    from by_segment

),

overall as (

    select
        model.model_version,
        model.stability_runs,
        mean_stability.jaccard,
        model.seed_agreement,
        model.silhouette,
        model.noise_silhouette,
        model.noise_silhouette_error,
        case
            when model.silhouette is null or coalesce(model.stability_runs, 0) = 0 then null
            -- an algorithm that finds k by itself may find nothing in noise
            when model.noise_silhouette is null then true
            -- beyond chance, and by so much that it matters
            else
                model.silhouette > model.noise_silhouette + 3 * model.noise_silhouette_error
                and model.silhouette - model.noise_silhouette >= 0.05
        end as has_structure
    from model
    cross join mean_stability

),

combined as (

    select
        'segment' as scope,
        cast(segment_id as string) as scope_id,
        segment_id,
        segment_name,
        status,
        jaccard,
        verdict,
        cast(null as double) as seed_agreement,
        cast(null as double) as silhouette,
        cast(null as double) as noise_silhouette,
        cast(null as double) as noise_silhouette_error,
        cast(null as boolean) as has_structure,
        case
            when jaccard is null
                then
                    'S' || substr(subject, 2)
                    || ' was not bootstrapped: set segmentation_stability_runs above 0 to know its stability.'
            else
                'S' || substr(subject, 2) || ' is ' || verdict || ': its mean Jaccard index over '
                || cast(stability_runs as string) || ' bootstrap samples is ' || {{ in_words('jaccard') }}
                || case
                    when status = 'warn'
                        then ', below segmentation_min_stability = {{ limit }}; try fewer segments, or other features.'
                    else '.'
                end
        end as message,
        model_version
    from by_segment

    union all

    select
        'overall' as scope,
        'all' as scope_id,
        cast(null as integer) as segment_id,
        cast(null as string) as segment_name,
        case
            when has_structure is null then 'skipped'
            when has_structure then 'pass'
            else 'warn'
        end as status,
        jaccard,
        case
            when has_structure is null then 'not measured'
            when has_structure then 'structure'
            else 'no structure'
        end as verdict,
        seed_agreement,
        silhouette,
        noise_silhouette,
        noise_silhouette_error,
        has_structure,
        case
            when has_structure is null
                then
                    'The segments were not compared with noise: set segmentation_stability_runs above 0 to know '
                    || 'whether there is structure.'
            when has_structure
                then
                    'The customers fall into groups: their silhouette is ' || {{ in_words('silhouette') }}
                    || coalesce(
                        ', and splitting noise of the same shape gives ' || {{ in_words('noise_silhouette') }},
                        ', and noise of the same shape does not fall apart at all'
                    ) || '.'
            else
                'No structure: splitting noise of the same shape gives a silhouette of '
                || {{ in_words('noise_silhouette') }} || ', these customers ' || {{ in_words('silhouette') }}
                || '. The segments are slices of a continuum, not groups: use them to sort customers, and try other '
                || 'features.'
        end as message,
        model_version
    from overall

),

stability as (

    select

        ---------- keys
        scope,
        scope_id,
        segment_id,
        segment_name,

        ---------- verdict
        status,
        verdict,
        message,

        ---------- measures
        jaccard,
        seed_agreement,
        silhouette,
        noise_silhouette,
        noise_silhouette_error,
        has_structure,

        ---------- lineage
        model_version

    from combined

)

select * from stability
