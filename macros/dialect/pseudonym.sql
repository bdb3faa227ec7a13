{#
    An id as it may stand in the tables: as it is, or with segmentation_pseudonymize its HMAC-SHA256 (RFC 2104)
    in hexadecimal digits, keyed with the secret that take_secret() has fetched. Null stays null.
#}
{% macro pseudonym(expression) %}
    {{ return(hmac(expression) if pseudonymizes() else expression) }}
{% endmacro %}


{# A column of ids as pseudonym() gives it, under its own name. #}
{% macro hashed_column(name) %}
    {{ return(hmac(name) ~ ' as ' ~ name if pseudonymizes() else name) }}
{% endmacro %}


{% macro hmac(expression) %}
    {{ return(adapter.dispatch('hmac', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__hmac(expression) %}
    {% do exceptions.raise_compiler_error(
        'segmentation_pseudonymize is true, but a secret is kept out of compiled files on DuckDB only: set it to false, '
        ~ 'and hash the ids in a view of your own.'
    ) %}
{% endmacro %}

{% macro duckdb__hmac(expression) -%}
    {%- set pads = 'segmentation_secret.main.pads' -%}
    sha256(
        (select outer_pad from {{ pads }})
        || unhex(sha256((select inner_pad from {{ pads }}) || encode({{ expression }})))
    )
{%- endmacro %}


{#
    Sixteen digits that tell one secret from another and say nothing of either: the beginning of the hash of a
    text that is nobody's id.
#}
{% macro secret_fingerprint_of_pads() -%}
    substr({{ hmac("'segmentation_secret'") }}, 1, 16)
{%- endmacro %}


{% macro secret_fingerprint() %}
    {% if execute %}
        {% do take_secret() %}
        {{ return(run_query('select ' ~ secret_fingerprint_of_pads()).rows[0][0]) }}
    {% endif %}
{% endmacro %}


{#
    Fetches the secret from the environment, once in a run, to where every thread of this process can use it and
    nothing else: the padded keys of HMAC go as bound values, which dbt does not log, into a database in memory.
    Compiled files and views name that database; the secret is in none of them. Not asked for while dbt parses,
    since dbt keeps what it read from the environment then.
#}
{% macro take_secret() %}
    {% if execute and pseudonymizes() and not missing_secret() %}
        {{ return(adapter.dispatch('take_secret', 'customer_segmentation')()) }}
    {% endif %}
{% endmacro %}

{% macro default__take_secret() %}
{% endmacro %}

{% macro duckdb__take_secret() %}
    {% do run_query("attach if not exists ':memory:' as segmentation_secret") %}
    {% do run_query('create table if not exists segmentation_secret.main.pads (inner_pad blob, outer_pad blob)') %}
    {% set query %}
        insert into segmentation_secret.main.pads
        with

        given as (

            select encode(cast(? as string)) as secret

        ),

        -- a longer key than a block of SHA-256 is replaced by its hash, a shorter one filled up
        short as (

            select case when octet_length(secret) > 64 then unhex(sha256(secret)) else secret end as secret
            from given

        ),

        padded as (

            select cast(secret || unhex(repeat('00', 64 - cast(octet_length(secret) as integer))) as bit) as secret
            from short

        )

        select
            cast(xor(secret, cast(unhex(repeat('36', 64)) as bit)) as blob) as inner_pad,
            cast(xor(secret, cast(unhex(repeat('5c', 64)) as bit)) as blob) as outer_pad
        from padded
        where not exists (select 1 from segmentation_secret.main.pads)
    {% endset %}
    {% do adapter.add_query(query, auto_begin=false, bindings=[env_var('SEGMENTATION_SECRET')], abridge_sql_log=true) %}
{% endmacro %}
