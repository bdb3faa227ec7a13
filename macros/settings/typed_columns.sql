{# Columns of the input that are there only when they are mapped. #}
{% macro optional_dimensions() %}
    {{ return(['line_id', 'product_id', 'category', 'channel', 'country']) }}
{% endmacro %}


{#
    What stg_transactions types before it evaluates the rules (amount, is_return, exclude_when): these
    names mean the typed column there, not one of the user's own with the same name.
#}
{% macro typed_columns() %}
    {% set names = [
        'customer_id', 'order_id', 'ordered_at', 'quantity', 'unit_price',
        'ordered_at_text', 'quantity_text', 'unit_price_text'
    ] %}
    {% for name in optional_dimensions() if setting(name) is not none %}
        {% do names.append(name) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
