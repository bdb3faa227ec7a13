{# Why an event is set aside, in the fixed precedence: one that fails several checks carries the first. #}
{% macro event_reject_reasons() %}
    {{ return(forgotten_reason() + [
        {'name': 'missing_customer', 'meaning': 'no customer id'},
        {'name': 'missing_date', 'meaning': 'no date'},
        {'name': 'unparsable_date', 'meaning': 'a date that cannot be read'},
        {'name': 'date_too_early', 'meaning': 'a date before segmentation_earliest_order_date'},
        {'name': 'no_consent', 'meaning': 'a customer without consent'},
        {'name': 'date_after_as_of', 'meaning': 'a date after the end of observation'},
        {'name': 'outside_lookback', 'meaning': 'a date before the look-back window'},
    ]) }}
{% endmacro %}
