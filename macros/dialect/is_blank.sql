{# Whether there is no value: null, or text of nothing but blanks. #}
{% macro is_blank(expression) -%}
    case
        when lower(typeof({{ expression }})) in ('varchar', 'string')
            then {{ trimmed('cast(' ~ expression ~ ' as string)') }} is null
        else {{ expression }} is null
    end
{%- endmacro %}
