{#
    The reject reasons in their fixed precedence: a line that fails several checks carries the
    first of them. `kind`: a defect counts against the thresholds; a choice is a line that your
    settings set aside on purpose, such as what happened after segmentation_as_of.
#}
{% macro reject_reasons() %}
    {{ return(forgotten_reason() + [
        {'name': 'missing_customer', 'kind': 'defect', 'meaning': 'no customer id'},
        {'name': 'missing_order', 'kind': 'defect', 'meaning': 'no order id'},
        {'name': 'missing_date', 'kind': 'defect', 'meaning': 'no order date'},
        {'name': 'unparsable_date', 'kind': 'defect', 'meaning': 'a date that cannot be read'},
        {'name': 'date_after_as_of', 'kind': 'defect' if setting('as_of') is none else 'choice',
         'meaning': 'a date after the end of observation'},
        {'name': 'date_too_early', 'kind': 'defect', 'meaning': 'a date before segmentation_earliest_order_date'},
        {'name': 'missing_quantity', 'kind': 'defect', 'meaning': 'no quantity, or text that is no number'},
        {'name': 'non_finite_quantity', 'kind': 'defect', 'meaning': 'a quantity that is not finite or out of range'},
        {'name': 'zero_quantity', 'kind': 'defect', 'meaning': 'a quantity of zero'},
        {'name': 'negative_quantity', 'kind': 'defect', 'meaning': 'a negative quantity on a line that is no return'},
        {'name': 'missing_price', 'kind': 'defect', 'meaning': 'no price, or text that is no number'},
        {'name': 'non_finite_price', 'kind': 'defect', 'meaning': 'a price that is not finite or out of range'},
        {'name': 'negative_price', 'kind': 'defect', 'meaning': 'a negative price'},
        {'name': 'zero_price', 'kind': 'defect', 'meaning': 'a price of zero'},
        {'name': 'invalid_amount', 'kind': 'defect', 'meaning': 'a line value that is missing, not finite, or negative without being a return'},
        {'name': 'duplicate_line', 'kind': 'defect', 'meaning': 'a line key that was seen before'},
        {'name': 'exact_duplicate', 'kind': 'defect', 'meaning': 'a line equal to another in every column'},
        {'name': 'excluded', 'kind': 'choice', 'meaning': 'a line that segmentation_exclude_when sets aside'},
        {'name': 'return', 'kind': 'choice', 'meaning': 'a return, while segmentation_returns is ignore'},
        {'name': 'no_consent', 'kind': 'choice', 'meaning': 'a customer without consent'},
        {'name': 'outside_lookback', 'kind': 'choice', 'meaning': 'a date before the look-back window'},
    ]) }}
{% endmacro %}


{# The reason of those whom segmentation_forget names, as a list: empty without the setting. #}
{% macro forgotten_reason() %}
    {{ return([{'name': 'forgotten', 'kind': 'choice', 'meaning': 'a customer to be forgotten'}] if forgets() else []) }}
{% endmacro %}
