{{ config(materialized='table') }}

with

rules as (

    select * from {{ ref('surrogate_tree') }}

),

customer_rules as (

    select * from {{ ref('customer_rules') }}

),

assignments as (

    select * from {{ ref('segment_assignments') }}

),

names as (

    select * from {{ ref('segment_names') }}

),

-- Over all customers, not only those that the rules were learnt from.
found as (

    select
        assignments.segment_id,
        assignments.model_version,
        customer_rules.rule_id,
        customer_rules.segment_id as ruled_segment_id
    from assignments
    inner join customer_rules
        on assignments.customer_id = customer_rules.customer_id

),

per_rule as (

    select
        rule_id,
        count(*) as customers,
        count(case when segment_id = ruled_segment_id then 1 end) as customers_in_segment
    from found
    group by rule_id

),

per_segment as (

    select
        segment_id,
        count(*) as customers
    from assignments
    group by segment_id

),

overall as (

    select
        max(model_version) as model_version,
        count(*) as customers,
        count(case when segment_id = ruled_segment_id then 1 end) as customers_found,
        count(distinct rule_id) as rules
    from found

),

confused as (

    select
        least(segment_id, ruled_segment_id) as one_segment_id,
        greatest(segment_id, ruled_segment_id) as other_segment_id,
        count(*) as customers
    from found
    where segment_id != ruled_segment_id
    group by
        least(segment_id, ruled_segment_id),
        greatest(segment_id, ruled_segment_id)

),

-- The border that the rules miss most often, on whichever side.
borders as (

    select * from confused
    qualify row_number() over (order by customers desc, one_segment_id asc, other_segment_id asc) = 1

),

verdict as (

    select
        overall.model_version,
        overall.customers,
        cast(overall.customers_found as double) / overall.customers as fidelity,
        cast(overall.rules as string) || case when overall.rules = 1 then ' rule finds' else ' rules find' end
        -- rounded down, or what just misses the limit would seem to reach it
        || ' the segment of '
        || {{ percentage('floor(1000 * cast(overall.customers_found as double) / overall.customers) / 1000') }}
        || ' of the customers' as finding,
        {{ percentage('borders.customers / cast(overall.customers - overall.customers_found as double)') }}
        || ' of the others lie between ' || names.segment_name || ' and ' || other_names.segment_name as border
    from overall
    left join borders
        on overall.customers > overall.customers_found
    left join names
        on borders.one_segment_id = names.segment_id
    left join names as other_names
        on borders.other_segment_id = other_names.segment_id

),

segment_rules as (

    select

        ---------- keys
        rules.rule_id,

        ---------- the rule
        rules.segment_id,
        names.segment_name,
        rules.predicate,

        ---------- whom it finds
        coalesce(per_rule.customers, 0) as customers,
        coalesce(per_rule.customers_in_segment, 0) as customers_in_segment,
        cast(coalesce(per_rule.customers, 0) as double) / verdict.customers as customer_share,
        cast(per_rule.customers_in_segment as double) / per_rule.customers as precision,
        cast(coalesce(per_rule.customers_in_segment, 0) as double) / per_segment.customers as recall,

        ---------- how good all rules are together
        verdict.fidelity,
        case
            when verdict.fidelity >= {{ setting('min_rule_fidelity') }} then verdict.finding || '.'
            else verdict.finding || ', fewer than the {{ '%g' | format(100 * setting('min_rule_fidelity')) }} % of '
                || 'segmentation_min_rule_fidelity: ' || verdict.border || ', where the border runs aslant to every '
                || 'single feature; raise segmentation_max_rules above {{ setting('max_rules') }}.'
        end as remark,

        ---------- lineage
        verdict.model_version

    from rules
    cross join verdict
    inner join names
        on rules.segment_id = names.segment_id
    inner join per_segment
        on rules.segment_id = per_segment.segment_id
    left join per_rule
        on rules.rule_id = per_rule.rule_id

)

select * from segment_rules
