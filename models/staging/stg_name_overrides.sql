{{ config(pre_hook="{{ check_columns('name_overrides', ['segment_id', 'segment_name', 'comment']) }}") }}

with

raw as (

    select * from {{ setting('name_overrides') }}

),

typed as (

    select
        {{ segment_id_of('segment_id') }} as segment_id,
        cast(segment_id as string) as segment_id_text,
        {{ trimmed('cast(segment_name as string)') }} as segment_name,
        cast(comment as string) as comment
    from raw

)

select * from typed
