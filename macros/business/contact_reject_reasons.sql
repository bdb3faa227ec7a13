{# Why a campaign contact is set aside, in the fixed precedence: one that fails several checks carries the first. #}
{% macro contact_reject_reasons() %}
    {{ return(forgotten_reason() + [
        {'name': 'missing_customer', 'meaning': 'no customer id'},
        {'name': 'missing_campaign', 'meaning': 'no campaign id'},
        {'name': 'no_consent', 'meaning': 'a customer without consent'},
        {'name': 'date_after_as_of', 'meaning': 'a contact after the end of observation'},
    ]) }}
{% endmacro %}
