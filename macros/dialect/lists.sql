{#
    Lists, which every engine has under other names. Positions count from 1; a position without an element gives null.
#}

{# A list of the SQL expressions given, all of one type; it says what a list without elements is a list of. #}
{% macro list_of(expressions, type) %}
    {{ return(adapter.dispatch('list_of', 'customer_segmentation')(expressions, type)) }}
{% endmacro %}

{% macro default__list_of(expressions, type) -%}
    [{{ expressions | join(', ') }}]
{%- endmacro %}

{% macro spark__list_of(expressions, type) -%}
    cast(array({{ expressions | join(', ') }}) as {{ list_type(type) }})
{%- endmacro %}


{# The type of a list of elements of a type. #}
{% macro list_type(type) %}
    {{ return(adapter.dispatch('list_type', 'customer_segmentation')(type)) }}
{% endmacro %}

{% macro default__list_type(type) -%}
    {{ type }}[]
{%- endmacro %}

{% macro spark__list_type(type) -%}
    array<{{ type }}>
{%- endmacro %}


{# A list of texts. #}
{% macro text_list_of(texts) -%}
    {%- set literals = [] -%}
    {%- for text in texts %}{% do literals.append(text_literal(text)) %}{% endfor -%}
    {{ list_of(literals, 'string') }}
{%- endmacro %}


{# How many elements a list has. #}
{% macro list_length(list) %}
    {{ return(adapter.dispatch('list_length', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_length(list) -%}
    len({{ list }})
{%- endmacro %}

{% macro spark__list_length(list) -%}
    array_size({{ list }})
{%- endmacro %}


{# The element at a position, which is an expression too. #}
{% macro element(list, position) %}
    {{ return(adapter.dispatch('element', 'customer_segmentation')(list, position)) }}
{% endmacro %}

{% macro default__element(list, position) -%}
    {{ list }}[{{ position }}]
{%- endmacro %}

{% macro spark__element(list, position) -%}
    get({{ list }}, {{ position - 1 if position is number else 'cast(' ~ position ~ ' as integer) - 1' }})
{%- endmacro %}


{# The whole numbers from one to a later one, both included; none where the later one is smaller. #}
{% macro whole_numbers(first, last) %}
    {{ return(adapter.dispatch('whole_numbers', 'customer_segmentation')(first, last)) }}
{% endmacro %}

{% macro default__whole_numbers(first, last) -%}
    range({{ first }}, {{ last + 1 if last is number else last ~ ' + 1' }})
{%- endmacro %}

{% macro spark__whole_numbers(first, last) -%}
    case
        when {{ last }} < {{ first }} then cast(array() as array<integer>)
        else sequence(cast({{ first }} as integer), cast({{ last }} as integer))
    end
{%- endmacro %}


{# The positions of a list: 1, 2, … #}
{% macro positions(list) -%}
    {{ whole_numbers(1, list_length(list)) }}
{%- endmacro %}


{# The first position of a value in a list; null where it is not in it. #}
{% macro place_in_list(list, value) %}
    {{ return(adapter.dispatch('place_in_list', 'customer_segmentation')(list, value)) }}
{% endmacro %}

{% macro default__place_in_list(list, value) -%}
    list_position({{ list }}, {{ value }})
{%- endmacro %}

{% macro spark__place_in_list(list, value) -%}
    nullif(cast(array_position({{ list }}, {{ value }}) as integer), 0)
{%- endmacro %}


{# Whether a value is in a list; null where either is null. #}
{% macro is_in_list(list, value) %}
    {{ return(adapter.dispatch('is_in_list', 'customer_segmentation')(list, value)) }}
{% endmacro %}

{% macro default__is_in_list(list, value) -%}
    list_contains({{ list }}, {{ value }})
{%- endmacro %}

{% macro spark__is_in_list(list, value) -%}
    (array_position({{ list }}, {{ value }}) > 0)
{%- endmacro %}


{# Whether two lists without nulls share an element. #}
{% macro lists_overlap(list, other) %}
    {{ return(adapter.dispatch('lists_overlap', 'customer_segmentation')(list, other)) }}
{% endmacro %}

{% macro default__lists_overlap(list, other) -%}
    list_has_any({{ list }}, {{ other }})
{%- endmacro %}

{% macro spark__lists_overlap(list, other) -%}
    arrays_overlap({{ list }}, {{ other }})
{%- endmacro %}


{# The part of a list from one position to another, both included; as far as there are elements. #}
{% macro list_part(list, first, last) %}
    {{ return(adapter.dispatch('list_part', 'customer_segmentation')(list, first, last)) }}
{% endmacro %}

{% macro default__list_part(list, first, last) -%}
    list_slice({{ list }}, {{ first }}, {{ last }})
{%- endmacro %}

{% macro spark__list_part(list, first, last) -%}
    slice({{ list }}, cast({{ first }} as integer), cast(greatest({{ last }} - {{ first }} + 1, 0) as integer))
{%- endmacro %}


{# The list with one element more at its end. #}
{% macro list_and(list, last) %}
    {{ return(adapter.dispatch('list_and', 'customer_segmentation')(list, last)) }}
{% endmacro %}

{% macro default__list_and(list, last) -%}
    list_append({{ list }}, {{ last }})
{%- endmacro %}

{% macro spark__list_and(list, last) -%}
    array_append({{ list }}, {{ last }})
{%- endmacro %}


{# The elements at the given positions; null for a position without one, as is 0. #}
{% macro list_picked(list, positions) %}
    {{ return(adapter.dispatch('list_picked', 'customer_segmentation')(list, positions)) }}
{% endmacro %}

{% macro default__list_picked(list, positions) -%}
    list_select({{ list }}, {{ positions }})
{%- endmacro %}

{% macro spark__list_picked(list, positions) -%}
    transform({{ positions }}, wanted -> get({{ list }}, wanted - 1))
{%- endmacro %}


{# Every element once, in ascending order. #}
{% macro sorted_set(list) %}
    {{ return(adapter.dispatch('sorted_set', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__sorted_set(list) -%}
    list_sort(list_distinct({{ list }}))
{%- endmacro %}

{% macro spark__sorted_set(list) -%}
    array_sort(array_distinct({{ list }}))
{%- endmacro %}


{# Aggregate: the list of all values, by the order of a key that no two rows of a group share; nulls are kept. #}
{% macro collected(value, order_by) %}
    {{ return(adapter.dispatch('collected', 'customer_segmentation')(value, order_by)) }}
{% endmacro %}

{% macro default__collected(value, order_by) -%}
    list({{ value }} order by {{ order_by }})
{%- endmacro %}

{% macro spark__collected(value, order_by) -%}
    transform(
        array_sort(collect_list(named_struct('key', {{ order_by }}, 'value', {{ value }}))), pair -> pair.value
    )
{%- endmacro %}


{#
    Columns of a select: a row for each element of the lists, side by side where there are several of one length.
    `columns` is a list of (list, name of the column); a row whose lists are empty or null goes. Once in a select.
#}
{% macro unnested(columns) %}
    {{ return(adapter.dispatch('unnested', 'customer_segmentation')(columns)) }}
{% endmacro %}

{% macro default__unnested(columns) -%}
    {%- for list, name in columns %}unnest({{ list }}) as {{ name }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{% macro spark__unnested(columns) -%}
    {%- if columns | length == 1 -%}
        explode({{ columns[0][0] }}) as {{ columns[0][1] }}
    {%- else -%}
        inline(arrays_zip({{ columns | map('first') | join(', ') }})) as ({{ columns | map('last') | join(', ') }})
    {%- endif -%}
{%- endmacro %}
