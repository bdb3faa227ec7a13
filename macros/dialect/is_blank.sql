{# Whether there is no value: null, or text of nothing but blanks. #}
{% macro is_blank(expression) %}
    {{ return(adapter.dispatch('is_blank', 'customer_segmentation')(expression)) }}
{% endmacro %}

{% macro default__is_blank(expression) -%}
    case
        when typeof({{ expression }}) = 'VARCHAR'
            then {{ trimmed('cast(' ~ expression ~ ' as string)') }} is null
        else {{ expression }} is null
    end
{%- endmacro %}
