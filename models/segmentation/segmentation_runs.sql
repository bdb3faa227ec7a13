{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='append_new_columns'
) }}

{%- set pinned = setting('model_version') %}
{%- set settings_text = text_literal(fit_settings()) %}
{%- set age_limit = setting('max_model_age_days') %}

with

snapshot as (

    select * from {{ ref('feature_snapshot') }}

),

-- the end of observation is no property of a customer: rows that differ in nothing else are the same
sample as (

    select {{ columns_except(['as_of']) }}
    from {{ ref('training_sample') }}

),

-- The registry is read as it stands before this run: segment_model itself waits for the decision.
previous as (

    {{ previous_model() }}

),

earlier_runs as (

    {% if is_incremental() -%}
        select
            model_version,
            run_at,
            is_refit,
            training_digest
        from {{ this }}
    {%- else -%}
        select
            cast(null as integer) as model_version,
            cast(null as timestamp) as run_at,
            cast(null as boolean) as is_refit,
            cast(null as string) as training_digest
        where false
    {%- endif %}

),

observed as (

    select
        count(*) as customers,
        max(as_of) as as_of
    from snapshot

),

digest as (

    select {{ rows_digest('sample', 'customer_id') }} as training_digest
    from sample

),

-- A run whose fit failed half-way may have left candidates, and tables may have been dropped: a version
-- is announced once, and above all candidates.
announced as (

    select max(model_version) as last_version
    from earlier_runs
    where is_refit

),

-- The run that fitted the previous version.
fitted as (

    select earlier_runs.training_digest
    from earlier_runs
    inner join previous
        on earlier_runs.model_version = previous.fitted_version
    where earlier_runs.is_refit
    order by
        earlier_runs.run_at desc,
        earlier_runs.training_digest asc
    limit 1

),

---------- how far the features have drifted from the previous model

features as (

    {{ drift_features('previous') }}

),

binned as (

    {{ binned_customers('snapshot', 'features') }}

),

counts as (

    select
        feature,
        bin,
        count(*) as customers
    from binned
    group by
        feature,
        bin

),

shares as (

    {{ bin_shares('features', 'counts') }}

),

drifts as (

    select
        feature,
        {{ population_stability_index('share', 'training_share', 'bin') }} as drift
    from shares
    group by feature

),

most_drifted as (

    select
        feature as drifted_feature,
        drift
    from drifts
    where drift is not null
    order by
        drift desc,
        feature asc
    limit 1

),

---------- what else has changed

changed as (

    {{ changed_settings('coalesce(accepted_settings, settings)', settings_text, 'previous') }}

),

known as (

    select
        '{{ setting('refit') if pinned is none else 'pinned' }}' as policy,
        observed.customers,
        observed.as_of,
        digest.training_digest,
        fitted.training_digest as fitted_digest,
        announced.last_version,
        previous.model_version as previous_version,
        most_drifted.drifted_feature,
        most_drifted.drift,
        changed.changes,
        {{ whole_days('previous.as_of', 'observed.as_of') }} as model_age_days
    from observed
    cross join digest
    cross join changed
    cross join announced
    left join previous
        on true
    left join fitted
        on true
    left join most_drifted
        on true
    -- without customers, as under --empty, nothing gets as far as the fit
    where observed.customers > 0

),

-- The first that applies decides.
judged as (

    select
        *,
        'version ' || cast(previous_version as string) as previous_name,
        {{ in_words('drift') }} as drift_text,
        case
            when policy = 'pinned' then 'pinned'
            when previous_version is null then 'first'
            when policy = 'never' then 'never'
            when changes is not null then 'changed'
            when policy = 'always' and training_digest = fitted_digest then 'same'
            when policy = 'always' then 'always'
            when drift >= {{ setting('drift_fail') }} then 'drifted'
            when model_age_days > cast({{ age_limit if age_limit is not none else 'null' }} as integer) then 'aged'
            else 'kept'
        end as verdict
    from known

),

runs as (

    select

        ---------- keys
        '{{ invocation_id }}' as run_id,

        ---------- when, and on whom
        {{ timestamp_literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) }} as run_at,
        as_of,
        customers,

        ---------- decision
        policy,
        previous_version,
        cast(case
            when verdict = 'pinned' then {{ pinned if pinned is not none else 'null' }}
            when verdict in ('never', 'same', 'kept') then previous_version
            else greatest(coalesce(previous_version, 0), coalesce(last_version, 0), {{ newest_candidate() }}) + 1
        end as integer) as model_version,
        verdict not in ('pinned', 'never', 'same', 'kept') as is_refit,
        case verdict
            when 'pinned'
                then 'Version {{ pinned }} is pinned by segmentation_model_version; nothing is fitted.'
            when 'first'
                then 'First fit: segment_model held no version yet.'
            when 'never'
                then
                    'segmentation_refit is never, so ' || previous_name || ' stays'
                    || coalesce(', although ' || changes, '') || '.'
            when 'changed'
                then 'Fitted anew because ' || changes || '.'
            when 'same'
                then 'segmentation_refit is always, but neither rows nor settings differ from ' || previous_name || '.'
            when 'always'
                then 'Fitted anew because segmentation_refit is always.'
            when 'drifted'
                then
                    'Fitted anew because ' || drifted_feature || ' has drifted from ' || previous_name
                    || ': its population stability index is ' || drift_text
                    || ', and segmentation_drift_fail is {{ setting('drift_fail') }}.'
            when 'aged'
                then
                    'Fitted anew because ' || previous_name || ' is ' || cast(model_age_days as string)
                    || ' days old, and segmentation_max_model_age_days is {{ age_limit }}.'
            else
                'V' || substr(previous_name, 2) || ' stays: '
                || coalesce(
                    'the largest drift is ' || drift_text || ', of ' || drifted_feature
                    || ' (limit {{ setting('drift_fail') }})',
                    'no drift can be measured'
                )
                || ', and it is ' || cast(model_age_days as string) || ' days old ('
                || '{{ 'no limit' if age_limit is none else 'limit ' ~ age_limit }}).'
        end as reason,

        ---------- what it rests on
        model_age_days,
        drifted_feature,
        drift,
        training_digest,
        {{ settings_text }} as settings

    from judged

)

select * from runs
