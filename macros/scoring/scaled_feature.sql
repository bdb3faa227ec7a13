{#
    One feature as the model sees it, by the numbers of the registry: fill the gap, clip, transform,
    centre and scale. `model` is the alias of the registry row, `position` counts features from 1.
    The order is that of customer_segmentation.preprocessing, and a test compares the two.
#}
{% macro scaled_feature(feature, position, model='model') -%}
    {%- set filled = 'coalesce(case when isfinite(' ~ feature ~ ') then ' ~ feature ~ ' end, '
        ~ model ~ '.imputation[' ~ position ~ '])' -%}
    {%- set clipped -%}
        least(
            greatest({{ filled }}, coalesce({{ model }}.lower_bound[{{ position }}], {{ filled }})),
            coalesce({{ model }}.upper_bound[{{ position }}], {{ filled }})
        )
    {%- endset -%}
    (
        case {{ model }}.transform[{{ position }}]
            when 'log' then {{ signed_log(clipped) }}
            else {{ clipped }}
        end - {{ model }}.centre[{{ position }}]
    ) / {{ model }}.scale[{{ position }}]
{%- endmacro %}
