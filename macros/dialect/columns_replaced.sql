{# All columns of a relation, of which some get another value; `expressions` is a mapping of name to expression. #}
{% macro columns_replaced(expressions, relation_alias) %}
    {{ return(adapter.dispatch('columns_replaced', 'customer_segmentation')(expressions, relation_alias)) }}
{% endmacro %}

{% macro default__columns_replaced(expressions, relation_alias) -%}
    {{ relation_alias }}.* replace (
        {%- for name, expression in expressions.items() %}
            {{ expression }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro spark__columns_replaced(expressions, relation_alias) -%}
    {{ relation_alias }}.* except ({{ expressions.keys() | join(', ') }})
    {%- for name, expression in expressions.items() -%}
        , {{ expression }} as {{ name }}
    {%- endfor %}
{%- endmacro %}
