{#
    Columns of the customer table that leave staging: those that are to be features and those that only
    describe, each once. SQL does not tell names apart by their case.
#}
{% macro carried_attributes() %}
    {% set names = [] %}
    {% for given in [setting('attributes'), setting('profile_attributes')] %}
        {#- a setting of the wrong type must get as far as check_settings() -#}
        {% for name in (given if given is iterable else []) if name | lower not in names | map('lower') %}
            {% do names.append(name) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{#
    What segment_attribute_profiles describes: the dimensions of the orders that are mapped, then the
    columns of the customer table.
#}
{% macro profiled_attributes() %}
    {{ return(mapped_dimensions() + carried_attributes()) }}
{% endmacro %}
