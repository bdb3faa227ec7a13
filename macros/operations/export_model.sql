{#
    `dbt --quiet run-operation export_model > segments.sql`: prints a version of the model, by default the
    one in force, as one select that assigns a segment to every customer of a table with the columns of
    customer_features. It needs nothing but arithmetic, so that any database with window functions can run
    it: no lists, no functions that some engine lacks, and numbers with an exponent, which no engine
    takes for decimals.

    The table has the name that `--args '{relation: crm.customer_features}'` gives it.
#}
{% macro export_model(version=none, relation='customer_features') %}
    {% if version is none %}
        {% set versions = run_query(
            'select model_version from ' ~ ref('customer_segmentation', 'current_model')
        ).columns[0].values() %}
        {% set version = versions[0] if versions else setting('model_version') or 1 %}
    {% endif %}
    {% do stop_with(unknown_version('export_model', version)) %}
    {% set query %}
        select {{ row_as_json('model') }}
        from (
            select
                model_version, algorithm, feature_names, imputation, imputation_weights, lower_bound, upper_bound,
                transform, power, centre, scale, projection,
                prototype_segment_id, prototype, prototype_weight, prototype_offset,
                {{ scoring_columns('registry') }}
            from {{ ref('customer_segmentation', 'segment_model') }} as registry
            where model_version = {{ version }}
        ) as model
    {% endset %}
    {% do print(exported_select(fromjson(run_query(query).rows[0][0]), relation)) %}
{% endmacro %}


{# The select, from the registry row as a mapping of lists. #}
{% macro exported_select(model, relation) -%}
{%- set inputs = range(model.transform | length) | list -%}
{%- set from_vector = 'scaled' if model.projection is none else 'projected' -%}
-- Segment of each customer, by version {{ model.model_version }} of the model ({{ model.algorithm }}).
-- Reads of {{ relation }}: customer_id, {{ model.feature_names | unique | join(', ') }}.
-- The limits hold nothing back: they keep the database from computing a step anew wherever it is used.
with

readings as (

    select
        customer_id,
        {%- for p in inputs %}
        {{ exported_reading(model, p) }} as input_{{ p + 1 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}

),

imputed as (

    select
        customer_id,
        {%- for p in inputs %}
        {%- if model.imputation_weights is not none %}
        input_{{ p + 1 }} as gap_{{ p + 1 }},
        {%- endif %}
        {% if model.imputation[p] is none -%}
        input_{{ p + 1 }}
        {%- else -%}
        coalesce(input_{{ p + 1 }}, {{ plain_number(model.imputation[p]) }}) as input_{{ p + 1 }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from readings

),
{%- if model.imputation_weights is not none %}

filled as (

    select
        customer_id,
        {%- for p in inputs %}
        {% if model.transform[p] == 'one_hot' -%}
        input_{{ p + 1 }}
        {%- else -%}
        case
            when gap_{{ p + 1 }} is null
                then {{ plain_number(model.imputation_weights[p][-1]) }}
                    {%- for other in inputs if model.imputation_weights[p][other] %}
                    + {{ plain_number(model.imputation_weights[p][other]) }} * input_{{ other + 1 }}
                    {%- endfor %}
            else input_{{ p + 1 }}
        end as input_{{ p + 1 }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from imputed

),
{%- endif %}

clipped as (

    select
        customer_id,
        {%- for p in inputs %}
        {{ exported_clip(model, p) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ 'imputed' if model.imputation_weights is none else 'filled' }}
    {{ computed_once() }}

),

transformed as (

    select
        customer_id,
        {%- for p in inputs %}
        {{ exported_transform(model, p) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from clipped

),

scaled as (

    select
        customer_id,
        {%- for p in inputs %}
        {%- set number %}
            {#- -#}
            (input_{{ p + 1 }} - {{ plain_number(model.centre[p]) }}) / {{ plain_number(model.scale[p]) }}
        {%- endset %}
        {% if model.imputation[p] is none and model.transform[p] != 'one_hot' -%}
        coalesce({{ number }}, 0e+00) as input_{{ p + 1 }}
        {%- else -%}
        {{ number }} as input_{{ p + 1 }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from transformed
    {{ computed_once() }}

),
{%- if model.projection is not none %}

projected as (

    select
        customer_id,
        {%- for component in model.projection %}
        {% for weight in component -%}
        {{ '+ ' if not loop.first }}{{ plain_number(weight) }} * input_{{ loop.index }}{{ ' ' if not loop.last }}
        {%- endfor %} as input_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from scaled
    {{ computed_once() }}

),
{%- endif %}

prototypes (
    prototype_number, segment_id, constant
    {%- for j in range(model.prototype[0] | length) %}, place_{{ j + 1 }}, weight_{{ j + 1 }}{% endfor %}
) as (

    values
    {%- for place in model.prototype %}
    {%- set m = loop.index0 %}
    (
        {#- -#}
        {{ m + 1 }}, {{ model.prototype_segment_id[m] }}, {{ plain_number(model.prototype_offset[m]) }}
        {%- for number in place -%}
        , {{ plain_number(number) }}, {{ plain_number(model.prototype_weight[m][loop.index0]) }}
        {%- endfor -%}
    ){{ ',' if not loop.last }}
    {%- endfor %}

),

distances as (

    select
        vectors.customer_id,
        prototypes.prototype_number,
        prototypes.segment_id,
        prototypes.constant
        {%- for j in range(1, model.prototype[0] | length + 1) %}
        + prototypes.weight_{{ j }}
        * (vectors.input_{{ j }} - prototypes.place_{{ j }}) * (vectors.input_{{ j }} - prototypes.place_{{ j }})
        {%- endfor %} as distance
    from {{ from_vector }} as vectors
    cross join prototypes

),

-- Of several equally near prototypes the first decides.
ranked as (

    select
        customer_id,
        segment_id,
        row_number() over (partition by customer_id order by distance, prototype_number) as nearness
    from distances

)

select
    customer_id,
    segment_id
from ranked
where nearness = 1
{%- endmacro %}


{#
    Without a limit PostgreSQL and SQLite put the expressions of one step into the next, and what is used
    three times is computed three times, by every step again: twenty times slower with a projection.
#}
{% macro computed_once() -%}
    limit 2000000000
{%- endmacro %}


{# An input as it is read: a double, null when there is no finite one; of a category 1 or 0. #}
{% macro exported_reading(model, p) -%}
    {%- set feature = model.feature_names[p] -%}
    {%- if model.transform[p] != 'one_hot' -%}
        {%- set number = 'cast(' ~ feature ~ ' as double precision)' -%}
        {%- if snapshot_types().get(feature | lower) == 'boolean' -%}
            {%- set number = 'case when ' ~ feature ~ ' then 1e+00 when not ' ~ feature ~ ' then 0e+00 end' -%}
        {%- endif -%}
        case when abs({{ number }}) <= 1.7976931348623157e+308 then {{ number }} end
    {%- else -%}
        {%- set level = model.input_level[p] -%}
        {%- set category = "coalesce(nullif(trim(" ~ feature ~ "), ''), '(missing)')" -%}
        cast(case
            {%- if level == '(other)' and model.feature_levels[p] | length > 1 %} when {{ category }} in (
                {%- for kept in model.feature_levels[p] if kept != '(other)' -%}
                    {{ plain_text(kept) }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            ) then 0 else 1
            {%- elif level == '(other)' %} when 1 = 1 then 1
            {%- else %} when {{ category }} = {{ plain_text(level) }} then 1 else 0
            {%- endif %} end as double precision)
    {%- endif -%}
{%- endmacro %}


{% macro exported_clip(model, p) -%}
    {%- set input = 'input_' ~ (p + 1) -%}
    {%- set low = model.lower_bound[p] -%}
    {%- set high = model.upper_bound[p] -%}
    {%- if low is none and high is none -%}
        {{ input }}
    {%- else -%}
        case
            {%- if low is not none %} when {{ input }} < {{ plain_number(low) }} then {{ plain_number(low) }}{% endif -%}
            {%- if high is not none %} when {{ input }} > {{ plain_number(high) }} then {{ plain_number(high) }}{% endif %} else {{ input }} end as {{ input }}
    {%- endif -%}
{%- endmacro %}


{% macro exported_transform(model, p) -%}
    {%- set input = 'input_' ~ (p + 1) -%}
    {%- if model.transform[p] == 'log' -%}
        case when {{ input }} < 0e+00 then -ln(1e+00 - {{ input }}) else ln(1e+00 + {{ input }}) end as {{ input }}
    {%- elif model.transform[p] == 'yeo_johnson' -%}
        case when {{ input }} < 0e+00 then -({{ exported_power('1e+00 - ' ~ input, 2 - model.power[p]) }}) else
        {{- ' ' ~ exported_power('1e+00 + ' ~ input, model.power[p]) }} end as {{ input }}
    {%- else -%}
        {{ input }}
    {%- endif -%}
{%- endmacro %}


{% macro exported_power(base, exponent) -%}
    {%- if exponent == 0 -%}
        ln({{ base }})
    {%- else -%}
        (power({{ base }}, {{ plain_number(exponent) }}) - 1e+00) / {{ plain_number(exponent) }}
    {%- endif -%}
{%- endmacro %}


{# A number with an exponent and the fewest digits that give it back exactly. #}
{% macro plain_number(value) -%}
    {%- set text = namespace(value=none) -%}
    {%- for digits in range(17) if text.value is none -%}
        {%- if (('%.' ~ digits ~ 'e') | format(value)) | float == value -%}
            {%- set text.value = ('%.' ~ digits ~ 'e') | format(value) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- '(' ~ text.value ~ ')' if value < 0 else text.value -}}
{%- endmacro %}


{% macro plain_text(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}
