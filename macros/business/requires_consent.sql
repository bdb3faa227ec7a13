{# Consent is asked for as soon as the setting is more than its default `true`. #}
{% macro requires_consent() %}
    {{ return(setting('consent_when') | string | trim | lower != 'true') }}
{% endmacro %}
