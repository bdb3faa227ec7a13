{#
    Lists, which every engine has under other names. Positions count from 1; a position without an element gives
    null. Names of parameters (`name`) must be no column in reach of the expression: a lambda hides it on one engine
    and not on another.
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


{# The list of what an expression gives for each element, which it calls by a name. #}
{% macro list_map(list, name, expression) %}
    {{ return(adapter.dispatch('list_map', 'customer_segmentation')(list, name, expression)) }}
{% endmacro %}

{% macro default__list_map(list, name, expression) -%}
    list_transform({{ list }}, lambda {{ name }}: {{ expression }})
{%- endmacro %}

{% macro spark__list_map(list, name, expression) -%}
    transform({{ list }}, {{ name }} -> {{ expression }})
{%- endmacro %}


{# The elements for which a condition holds. #}
{% macro list_kept(list, name, condition) %}
    {{ return(adapter.dispatch('list_kept', 'customer_segmentation')(list, name, condition)) }}
{% endmacro %}

{% macro default__list_kept(list, name, condition) -%}
    list_filter({{ list }}, lambda {{ name }}: {{ condition }})
{%- endmacro %}

{% macro spark__list_kept(list, name, condition) -%}
    filter({{ list }}, {{ name }} -> {{ condition }})
{%- endmacro %}


{# Whether all elements of a list of booleans are true; nulls are passed over. Callers say what an empty list means. #}
{% macro list_all(list) %}
    {{ return(adapter.dispatch('list_all', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_all(list) -%}
    list_bool_and({{ list }})
{%- endmacro %}

{% macro spark__list_all(list) -%}
    array_min(filter({{ list }}, flag -> flag is not null))
{%- endmacro %}


{# The smallest element, nulls passed over. #}
{% macro list_smallest(list) %}
    {{ return(adapter.dispatch('list_smallest', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_smallest(list) -%}
    list_min({{ list }})
{%- endmacro %}

{% macro spark__list_smallest(list) -%}
    array_min({{ list }})
{%- endmacro %}


{# The largest element, nulls passed over. #}
{% macro list_largest(list) %}
    {{ return(adapter.dispatch('list_largest', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_largest(list) -%}
    list_max({{ list }})
{%- endmacro %}

{% macro spark__list_largest(list) -%}
    array_max({{ list }})
{%- endmacro %}


{# The sum of a list of doubles, nulls passed over; null without any. #}
{% macro list_total(list) %}
    {{ return(adapter.dispatch('list_total', 'customer_segmentation')(list)) }}
{% endmacro %}

{% macro default__list_total(list) -%}
    list_sum({{ list }})
{%- endmacro %}

{% macro spark__list_total(list) -%}
    aggregate({{ list }}, cast(null as double), (total, term) -> coalesce(total + term, total, term))
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


{# The sum of the products of the elements of two lists of doubles. #}
{% macro inner_product(list, other) %}
    {{ return(adapter.dispatch('inner_product', 'customer_segmentation')(list, other)) }}
{% endmacro %}

{% macro default__inner_product(list, other) -%}
    list_inner_product({{ list }}, {{ other }})
{%- endmacro %}

{% macro spark__inner_product(list, other) -%}
    aggregate(
        zip_with({{ list }}, {{ other }}, (one, another) -> one * another), cast(0 as double), (total, term) -> total + term
    )
{%- endmacro %}


{# The Euclidean distance of two lists of doubles. #}
{% macro euclidean_distance(list, other) %}
    {{ return(adapter.dispatch('euclidean_distance', 'customer_segmentation')(list, other)) }}
{% endmacro %}

{% macro default__euclidean_distance(list, other) -%}
    list_distance({{ list }}, {{ other }})
{%- endmacro %}

{% macro spark__euclidean_distance(list, other) -%}
    sqrt(aggregate(
        zip_with({{ list }}, {{ other }}, (one, another) -> (one - another) * (one - another)),
        cast(0 as double), (total, term) -> total + term
    ))
{%- endmacro %}


{#
    The list of what an expression gives for the elements side by side of several lists of one length: it calls them
    together by a name, and each by beside(name, lists, number of the list). The lists are columns.
#}
{% macro lists_map(lists, name, expression) %}
    {{ return(adapter.dispatch('lists_map', 'customer_segmentation')(lists, name, expression)) }}
{% endmacro %}

{% macro default__lists_map(lists, name, expression) -%}
    list_transform(list_zip({{ lists | join(', ') }}), lambda {{ name }}: {{ expression }})
{%- endmacro %}

{% macro spark__lists_map(lists, name, expression) -%}
    transform(arrays_zip({{ lists | join(', ') }}), {{ name }} -> {{ expression }})
{%- endmacro %}


{# What lists_map() calls the element of a list, by the number of the list. #}
{% macro beside(name, lists, number) %}
    {{ return(adapter.dispatch('beside', 'customer_segmentation')(name, lists, number)) }}
{% endmacro %}

{% macro default__beside(name, lists, number) -%}
    {{ name }}[{{ number }}]
{%- endmacro %}

{% macro spark__beside(name, lists, number) -%}
    {{ name }}.{{ lists[number - 1].split('.') | last }}
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
