{% macro days_interval(days) -%}
    interval '{{ days }}' day
{%- endmacro %}
