{# The last instant before a timestamp. #}
{% macro just_before(timestamp) -%}
    ({{ timestamp }} - interval '1' microsecond)
{%- endmacro %}
