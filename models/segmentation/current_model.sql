{{ config(materialized=costly_view()) }}

{%- set newest = '(select max(others.model_version) from registry as others)' %}

with

registry as (

    select * from {{ ref('segment_model') }}

),

current_model as (

    select
        registry.*,
        {{ scoring_columns('registry') }}
    from registry
    where registry.model_version = {{ setting('model_version') or newest }}

)

-- the columns of another model are out of sight for sqlfluff
select * from current_model  -- noqa: AM04
