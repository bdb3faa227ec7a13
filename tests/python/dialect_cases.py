"""What every macro of macros/dialect is asked on DuckDB and on Spark: the same selects and values.

A case is the text of a select in dbt's Jinja. Timestamps leave it as text, since a driver would
give them the time zone of this process.
"""

import json

# What runs statements rather than being part of one: builds and operations are their tests.
NO_EXPRESSIONS = {"drop_leftovers", "overwrite_free_space", "pseudonym", "unknown_columns"}

# Settings under which all cases are asked again that name them.
PERIODS = ("month", "quarter", "week")


def value(type_name, given):
    """Return a value of a type as SQL: a text as it is, anything else as it is written in SQL."""
    if given is None:
        given = "null"
    elif type_name == "string" and not given.startswith("="):
        # what begins with = is SQL too: no literal holds a NUL
        given = f"{{{{ text_literal({json.dumps(given, ensure_ascii=False)}) }}}}"
    return f"cast({given.removeprefix('=')} as {type_name})"


def table(columns, *rows):
    """Return a relation with a number `i` for each row.

    Parameters
    ----------
    columns : dict of str to str. Name and type of each column.
    rows : tuples of str or None. What value() takes.
    """
    written = ", ".join(
        f"({', '.join([str(number), *map(value, columns.values(), row)])})"
        for number, row in enumerate(rows)
    )
    return f"(values {written}) as given(i, {', '.join(columns)})"


def each(type_name, values, *expressions):
    """Return a select of expressions of a column `x`, for one value after the other."""
    results = ", ".join(f"{sql} as y{number}" for number, sql in enumerate(expressions))
    return f"select i, {results} from {table({'x': type_name}, *[(v,) for v in values])} order by i"


NUMBERS_AS_TEXT = [
    "1e5", " 1 ", "\t1\n", "1_000", "1_0.5_0", "1__0", "_1", "1_", "inf", "-Infinity", "NaN",
    "nan ", "+inf", "-nan", "0x1A", "0x1p3", "12d", "12f", "1.", "  .5", ".", "+5", "--5", "-0", "",
    " ", "1e400", "1e-400", "1 2", "\u00a01", "\uff11", "1e", "1e+5", "1E5", "e5", "1,5", "true",
    "word", "2024-01-01", "1.00005", "1.00015", "-1.00005", "99999999999999.99994",
    "99999999999999.99995", "123456789012345.6", None,
]  # fmt: skip
DOUBLES = [
    "0e0", "-0e0", "1e0", "-1e0", "5e-1", "1.5e0", "1e15", "123456789.125e0", "12345678e0", "1e16",
    "1.5e16", "1e17", "1e18", "9007199254740993e0", "12345678901234567890e0",
    "-12345678901234567890e0", "1e22", "1.2345678901234567e25", "1e37", "1e39", "1e300", "1.5e300",
    "1e-3", "1e-4", "1.2345e-4", "1e-5", "1.5e-7", "1e-10", "-1.5e-300", "0.1e0", "3.14159e0",
    "999.96e0", "1e7", "1e8", "12345678.9e0", "cast('nan' as double)", "cast('inf' as double)",
    "cast('-inf' as double)", None,
]  # fmt: skip
DECIMALS = ["0", "1", "-1.5", "0.00000001", "12345678.123456789012", "-0.000000000001", None]
TIMES = [
    "2025-01-05", "2025-1-5", "2025/01/05", "2025 01 05", "2025-01/05", "2025", "2025-01",
    "25-01-05", "2025-001-05", "2025-01-05T10:00", "2025-01-05t10:00", "2025-01-05 10",
    "2025-01-05 10:0", "2025-01-05 1:05", "2025-01-5 3:4:5", "2025-01-05 10:00:60",
    "2025-01-05 24:00:00", "2025-01-05 24:00", "2025-01-05 24:00:01", "2025-12-31T24:00:00Z",
    "2025-01-05 25:00", "2025-01-05 10:24:00", "2025-01-05 10:00:00.5",
    "2025-01-05 10:00:00.1234567", "2025-01-05 23:59:59.9999999", "2025-01-05 10:00:00.",
    "2025-01-05 10:00:00,5", "2025-01-05  10:00", "2025-01-05 10:00:00Z",
    "2025-01-05T10:00:00+02:00", "2025-01-05 10:00:00 +0200", "2025-01-05 10:00+2",
    "2025-01-05 10:00:00+02", "2025-01-05 10:00:00 -05", "2025-01-05 10:00:00-05:30",
    "2025-01-05 10:00:00 +02:00:00", "2025-01-05 10:00:00.5+01", "2025-01-05 10:00:00+14:00",
    "2025-01-05 10:00:00 UTC", "2025-01-05 10:00:00 GMT+2", "2025-01-05 10:00:00GMT",
    "2025-01-05 10:00:00 Europe/Berlin", "2025-07-05 10:00:00 Europe/Berlin",
    "2025-01-05 10:00:00 America/New_York", "2025-01-05 10:00:00 CET", "2025-01-05 10:00:00 EST",
    "2025-01-05 10:00:00 PST", "2025-01-05 10:00:00 MEZ", "2025-01-05 10:00 PM",
    "2025-01-05 10:00:00 Z", "2025-01-05 10:00 foo", "2025-01-05foo", "2025-01-05 ", " 2025-01-05",
    "\u00a02025-01-05 10:00\t", "2025-02-30", "2024-02-29", "2023-02-29", "2025-13-01",
    "05/01/2025", "01.02.2025", "20250105", "1736035200", "10:00", "T10:00", "2025-01-05T",
    "2025-01-05Z", "2025-01-05 UTC", "2025-01-05+02", "2025-01-05 10.30", "Jan 5 2025",
    "1969-12-31 23:59:59", "1-1-1", "0001-01-01", "+2025-01-05", "2025-W01-1", "now", "today",
    "#2025-01-05", "", None,
]  # fmt: skip
PADDED = [
    "a", " a", "a ", "  a b  ", "\ta\n", "\u00a0a\u00a0", "\u200ba\ufeff", "\u3000\u2003a", "", " ",
    "\t", "\u00a0", "=' ' || chr(0) || 'a' || chr(0)", "=chr(0)", "!", "~", "\u00fc", " \u00fc ",
    "=chr(127) || 'a'", "a\u00a0b", "'", " \\ ", '"', "0012", "null", "\U0001f600 ",
    "1001\u200d", "\u2060x\u200e", None,
]  # fmt: skip
MOMENTS = [
    "timestamp '2024-12-29 23:59:59'", "timestamp '2024-12-30'",
    "timestamp '2025-01-01 00:00:00.000001'", "timestamp '2024-02-29 12:00'",
    "timestamp '2025-03-31 23:59:59.999999'", "timestamp '1969-12-31'", "timestamp '2021-01-03'",
    "timestamp '2020-12-31'", None,
]  # fmt: skip
DATES = [
    "date '2024-12-30'", "date '2024-12-29'", "date '2025-01-01'", "date '2021-01-03'",
    "date '2020-12-31'", "date '1969-12-31'", "date '0999-01-01'", None,
]  # fmt: skip
# of each list its elements, and one of them sought
LISTS = [
    ("['3e0', '1e0', '2e0']", "2e0"),
    ("['1e0']", "7e0"),
    ("[]", "1e0"),
    ("['3e0', 'cast(null as double)', '1e0', '3e0', '3e0']", "3e0"),
    ("['cast(null as double)']", "1e0"),
    ("['-0e0', '0e0', '-5e-1']", "cast(null as double)"),
    (None, "1e0"),
]
TEXT_LISTS = ["['b', 'a', 'b']", "[]", "['\u00fc', 'Z', 'a', '']"]


def of_lists(*expressions, known=False):
    """Return a select of expressions of a list `x` of doubles and a double `y`.

    Parameters
    ----------
    expressions : str. Expressions in dbt's Jinja.
    known : bool. Whether to leave out the lists that are null or hold nulls.
    """
    rows = ", ".join(
        f"({number}, cast({given} as {{{{ list_type('double') }}}}), {value('double', sought)})"
        for number, (given, sought) in enumerate(
            ("null" if elements is None else f"{{{{ list_of({elements}, 'double') }}}}", sought)
            for elements, sought in LISTS
            if not known or (elements is not None and "null" not in elements)
        )
    )
    results = ", ".join(f"{sql} as y{number}" for number, sql in enumerate(expressions))
    return f"select i, {results} from (values {rows}) as given(i, x, y) order by i"


PEOPLE = table(
    {"k": "integer", "n": "double", "t": "string", "g": "string"},
    ("3", "1.5e0", "c", "one"),
    ("1", "2.5e0", None, "one"),
    ("2", None, "a", "one"),
    ("4", "1.5e0", "b", "one"),
    (None, "9e0", "d", "one"),
    ("5", None, None, "two"),
)
MEASURES = [
    *DOUBLES, "23.455e0", "23.445e0", "1.0625e0", "1.0005e0", "1.0015e0", "1.0025e0", "1.0035e0",
    "1.0045e0", "1.0055e0", "1.0065e0", "999.95e0", "99.995e0", "9.9995e0", "0.99995e0", "1234.5e0",
    "1235.5e0", "-1234.5e0", "-23.455e0", "0.00012345e0", "0.000099996e0", "0.00009999e0", "0.1e0",
    "0.3e0", "123e0", "19999.99e0", "0.0625e0", "10.125e0", "0.25e0", "20089.75e0", "-0.5e0",
]  # fmt: skip

CASES = {
    "as_measure": {
        "doubles": each("double", DOUBLES, "{{ as_measure('x') }}"),
        "decimals": each("decimal(20, 12)", DECIMALS, "{{ as_measure('x') }}"),
        "moments": each(
            "timestamp", MOMENTS, "{{ as_measure('x') }}", "{{ days_since_1970('x') }}"
        ),
        "dates": each("date", DATES, "{{ as_measure('x') }}"),
        "texts": each("string", NUMBERS_AS_TEXT, "{{ as_measure('x') }}"),
        "truths": each("boolean", ["true", None], "{{ as_measure('x') }}"),
    },
    "as_number": {
        "texts": each("string", NUMBERS_AS_TEXT, "{{ as_number('x') }}"),
        "doubles": each("double", DOUBLES, "{{ as_number('x') }}"),
        "decimals": each("decimal(20, 12)", DECIMALS, "{{ as_number('x') }}"),
        "truths": each("boolean", ["true", "false", None], "{{ as_number('x') }}"),
        "moments": each("timestamp", MOMENTS, "{{ as_number('x') }}"),
        "dates": each("date", DATES, "{{ as_number('x') }}"),
    },
    "as_text": {
        "doubles": each("double", DOUBLES, "{{ as_text('x') }}"),
        "singles": each("float", ["1.1e0", "1e7", "1e10", "1e-5", None], "{{ as_text('x') }}"),
        "decimals": each("decimal(20, 12)", DECIMALS, "{{ as_text('x') }}"),
        "few decimals": each("decimal(10, 2)", ["0", "1.5", "-12345678.9"], "{{ as_text('x') }}"),
        "moments": each("timestamp", MOMENTS, "{{ as_text('x') }}"),
        "dates": each("date", DATES, "{{ as_text('x') }}"),
        "truths": each("boolean", ["true", "false", None], "{{ as_text('x') }}"),
        "texts": each("string", ["1.0E7", "NaN", None], "{{ as_text('x') }}"),
        "whole numbers": each("bigint", ["-5", "9223372036854775807"], "{{ as_text('x') }}"),
    },
    "calendar_days": {
        name: f"select {{{{ calendar_days('{first}', '{last}') }}}} as day order by day"
        for name, first, last in [
            ("leap day", "date \\'2024-02-27\\'", "date \\'2024-03-02\\'"),
            ("one", "date \\'2024-02-27\\'", "timestamp \\'2024-02-27\\'"),
            ("none", "date \\'2024-02-28\\'", "date \\'2024-02-27\\'"),
            ("null", "date \\'2024-02-28\\'", "cast(null as date)"),
        ]
    },
    "columns_except": {
        "some are not there": "select {{ columns_except(['b', 'z'], '(select 1 as a, 2 as B, 3 "
        "as c) as t') }} "
        "from (select 1 as a, 2 as B, 3 as c) as t",
        "none is there": "select {{ columns_except(['z'], '(select 1 as a) as t') }} from "
        "(select 1 as a) as t",
        "all are there": "select {{ columns_except(['b']) }} from (select 1 as a, 2 as b) as t",
    },
    "columns_replaced": {
        "two": "select a, b, c from (select {{ columns_replaced({'a': 'a + b', 'b': '0'}, 't') }} "
        "from (select 1 as a, 2 as b, 3 as c) as t) as u",
    },
    "decimal_text": {
        "doubles": each("double", MEASURES[len(DOUBLES) :], "{{ decimal_text('x', 2) }}"),
        "decimals": each("decimal(20, 12)", [*DECIMALS, "0.005"], "{{ decimal_text('x', 2) }}"),
        "whole numbers": each("bigint", ["5", None], "{{ decimal_text('x', 1) }}"),
    },
    "days_between_dates": {
        "days": each("date", DATES, "{{ days_between_dates('x', \"date '2025-01-01'\") }}"),
    },
    "days_interval": {
        "days": each("timestamp", MOMENTS, "cast(x - {{ days_interval(90) }} as string)"),
    },
    "finite_number": {
        "texts": each("string", NUMBERS_AS_TEXT, "{{ finite_number('x') }}"),
        "doubles": each("double", DOUBLES, "{{ finite_number('x') }}"),
    },
    "first_by": {
        "ties": "select g, {{ first_by('t', 'n', 'true') }} as y0, {{ first_by('t', 'k', 'n > "
        "2') }} as y1, "
        "{{ first_by('t', '-k', 'false') }} as y2, {{ first_by('n', 't', 'true') }} as y3 "
        f"from {PEOPLE} group by g order by g",
        "unique": "select g, {{ first_by('t', 'k', 't is not null', is_unique=true) }} as y0, "
        "{{ first_by('t', 'k', 'false', true) }} as y1 " + f"from {PEOPLE} group by g order by g",
    },
    "id_text": {
        "texts": each("string", [*PADDED, "NaN", "1.0", "007"], "{{ id_text('x') }}"),
        "doubles": each("double", DOUBLES, "{{ id_text('x') }}"),
        "singles": each(
            "float", ["1e0", "1.1e0", "1e10", "16777216e0", None], "{{ id_text('x') }}"
        ),
        "decimals": each("decimal(10, 2)", ["5", "1.5", None], "{{ id_text('x') }}"),
        "whole numbers": each("bigint", ["7", "-9223372036854775807", None], "{{ id_text('x') }}"),
        "dates": each("date", DATES, "{{ id_text('x') }}"),
        "truths": each("boolean", ["true", None], "{{ id_text('x') }}"),
    },
    "is_blank": {
        "texts": each("string", PADDED, "{{ is_blank('x') }}"),
        "numbers": each("double", ["0e0", "cast('nan' as double)", None], "{{ is_blank('x') }}"),
        "moments": each("timestamp", MOMENTS, "{{ is_blank('x') }}"),
    },
    "is_finite": {"doubles": each("double", DOUBLES, "{{ is_finite('x') }}")},
    "is_number": {
        "texts": each("string", NUMBERS_AS_TEXT, "{{ is_number('x') }}"),
        "doubles": each("double", DOUBLES, "{{ is_number('x') }}"),
        "dates": each("date", DATES, "{{ is_number('x') }}"),
    },
    "is_text": {
        "texts": each("string", ["1", None], "{{ is_text('x') }}"),
        "numbers": each("double", ["1e0", None], "{{ is_text('x') }}"),
        "dates": each("date", DATES, "{{ is_text('x') }}"),
    },
    "is_timestamp": {
        "texts": each(
            "string",
            [
                "2025-01-05",
                "2025-01-05 18:00",
                "2025-02-30",
                "2025",
                "2025-01",
                "10:00",
                "soon",
                "",
            ],
            "{{ reads_as_timestamp('x') }}",
        ),
    },
    "is_weekend": {"moments": each("timestamp", MOMENTS, "{{ is_weekend('x') }}")},
    "is_whole": {"doubles": each("double", DOUBLES, "{{ is_whole('x') }}")},
    "joined_text": {
        "order": "select g, {{ joined_text('t', 'k', \"', '\") }} as y0, "
        "{{ joined_text('t', 't desc', 'chr(10)') }} as y1 "
        f"from {PEOPLE} group by g order by g",
    },
    "json": {
        "names": "select {{ sorted_set(json_names('x')) }} as y from (select "
        '{{ text_literal(\'{"b": 1, "a b": null}\') }} as x) as t',
        "values": "select name, {{ json_text('x', 'name') }} as y0, {{ json_value('x', 'name') "
        "}} is null as y1 "
        'from (select {{ text_literal(\'{"a": 1.5, "b c": "t", "d": null, '
        '"e": 0.0005, "f": true, "g": [1, "x"]}\') }} as x) as t '
        "cross join (select {{ unnested([(text_list_of(['a', 'b c', 'd', 'e', 'f', 'g', 'h']), "
        "'name')]) }}) as u "
        "order by name",
    },
    "just_before": {
        "moments": each("timestamp", MOMENTS, "cast({{ just_before('x') }} as string)")
    },
    "list_maps": {
        "list_map": of_lists("{{ list_map('x', 'z', 'z * y + 1') }}"),
        "list_kept": of_lists("{{ list_kept('x', 'z', 'z > 1') }}"),
        "lists_map": "select {{ lists_map(['x', 't.w'], 'z', beside('z', ['x', 't.w'], 1) ~ ' - "
        "' ~ "
        "beside('z', ['x', 't.w'], 2)) }} as y from (select {{ list_of(['3e0', '1e0'], "
        "'double') }} as x, "
        "{{ list_of(['1e0', '2e0'], 'double') }} as w) as t",
    },
    "list_totals": {
        "list_all": of_lists("{{ list_all(list_map('x', 'z', 'z > 1')) }}", known=True),
        "list_smallest": of_lists("{{ list_smallest('x') }}", "{{ list_largest('x') }}"),
        "list_total": of_lists("{{ list_total('x') }}", known=True),
        "inner_product": of_lists(
            "{{ inner_product('x', list_map('x', 'z', 'z + 1')) }}", known=True
        ),
        "euclidean_distance": of_lists(
            "{{ euclidean_distance('x', list_map('x', 'z', 'z + i')) }}", known=True
        ),
    },
    "lists": {
        "list_length": of_lists("{{ list_length('x') }}"),
        "element": of_lists(*[f"{{{{ element('x', {n}) }}}}" for n in (1, 3, 0, 9, "'i + 1'")]),
        "whole_numbers": each(
            "integer",
            ["3", "1", "0", "-2", None],
            "{{ whole_numbers(1, 'x') }}",
            "{{ whole_numbers(0, 'x') }}",
            "{{ whole_numbers(1, 2) }}",
        ),
        "positions": of_lists("{{ positions('x') }}"),
        "place_in_list": of_lists("{{ place_in_list('x', 'y') }}"),
        "is_in_list": of_lists("{{ is_in_list('x', 'y') }}"),
        "lists_overlap": of_lists(
            "{{ lists_overlap('x', list_of(['2e0', '9e0'], 'double')) }}", known=True
        ),
        "list_part": of_lists(
            *[f"{{{{ list_part('x', {part}) }}}}" for part in ("1, 2", "2, 9", "3, 2")]
        ),
        "list_and": of_lists("{{ list_and('x', 'y') }}", known=True),
        "list_picked": of_lists(
            "{{ list_picked('x', list_of([3, 1, 0, 9], 'integer')) }}", known=True
        ),
        "sorted_set": of_lists("{{ sorted_set('x') }}", known=True),
        "texts": "select "
        + ", ".join(
            f"{{{{ text_list_of({texts}) }}}} as y{n}, {{{{ sorted_set(text_list_of({texts})) "
            f"}}}} as z{n}"
            for n, texts in enumerate(TEXT_LISTS)
        ),
        "collected": "select g, {{ collected('t', 'k') }} as y "
        f"from {PEOPLE} where k is not null group by g order by g",
        "unnested": "select {{ unnested([('x', 'a')]) }} from (select {{ list_of([2, 1], "
        "'integer') }} as x "
        "union all select cast(null as {{ list_type('integer') }})) as t order by a",
        "unnested together": "select k, {{ unnested([('x', 'a'), ('y', 'b')]) }} from (select 1 "
        "as k, "
        "{{ list_of([2, 1], 'integer') }} as x, {{ text_list_of(['p', 'q']) }} as y) as t order "
        "by a",
    },
    "measure_text": {
        "numbers": each("double", MEASURES, "{{ measure_text('x', \"'number'\") }}"),
        "dates": each(
            "double",
            ["0e0", "20089.75e0", "-0.5e0", "-1e0", None],
            "{{ measure_text('x', \"'date'\") }}",
        ),
    },
    "minute_text": {"moments": each("timestamp", MOMENTS, "{{ minute_text('x') }}")},
    "next_period": {
        "dates": each("date", DATES, "{{ next_period('x') }}"),
    },
    "ordered_sum": {
        "sums": "select g, {{ ordered_sum('n', 'k') }} as y0, {{ ordered_sum('-n', 'k') }} as y1 "
        f"from {PEOPLE} where k is not null group by g order by g",
    },
    "period_label": {"dates": each("date", DATES, "{{ period_label('x') }}")},
    "period_start": {"moments": each("timestamp", MOMENTS, "{{ period_start('x') }}")},
    "period_starts": {
        name: "select {{ period_starts("
        f'period_start("{first}"), period_start("{last}")) }}}} as start order by start'
        for name, first, last in [
            ("some", "timestamp '2024-11-05 10:00'", "timestamp '2025-02-15'"),
            ("one", "timestamp '2024-11-05'", "timestamp '2024-11-05'"),
            ("none", "timestamp '2025-11-05'", "timestamp '2024-11-05'"),
            ("null", "cast(null as timestamp)", "timestamp '2024-11-05'"),
        ]
    },
    "plain_words": {
        "texts": each("string", [*PADDED, "a--b/c d&e.f_g+h", "x'y;z"], "{{ plain_words('x') }}")
    },
    "quantiles": {
        "ties and nulls": "select g, {{ quantiles('n', [0.2, 0.4, 0.6, 0.8]) }} as y "
        f"from {PEOPLE} group by g order by g",
        **{
            f"{rows} rows": "select {{ quantiles('x', [0.2, 0.4, 0.5, 0.6, 0.8]) }} as y from "
            + table({"x": "double"}, *[(f"{(7 * i * i) % 23 / 3}e0",) for i in range(rows)])
            for rows in (1, 2, 5, 6, 11, 16, 21, 31, 33)
        },
    },
    "read_as_category": {
        "plain": "select g, {{ read_as_category('t') }} as y "
        + f"from {PEOPLE} group by g order by g",
    },
    "read_as_number": {
        "plain": "select {{ read_as_number('k') }} as y0, {{ read_as_number('n') }} as y1 "
        + f"from {PEOPLE}",
        "single precision": "select {{ read_as_number('x') }} as y from "
        + table({"x": "float"}, ("1e0",), (None,)),
        "truth": "select {{ read_as_number('x') }} as y from " + table({"x": "boolean"}, ("true",)),
    },
    "records": {
        "record": each(
            "double",
            ["1e0", None],
            "{{ record_of({'one': 'x', 'another': \"'text'\", 'third': 'i'}) }}",
        ),
        "field": "select {{ field('r', 'another') }} as y from "
        "(select {{ record_of({'one': '1', 'another': \"'text'\"}) }} as r) as t",
        "rows": "select one, another from (select {{ unnested_records('rs', ['one', 'another']) "
        "}} from (select "
        "{{ list_of([record_of({'one': '1', 'another': \"'a'\"}), record_of({'one': '2', "
        "'another': \"'b'\"})], "
        "record_type({'one': 'integer', 'another': 'string'})) }} as rs) as t) as u order by one",
    },
    "rounded": {
        "doubles": each(
            "double",
            [*MEASURES[len(DOUBLES) :], None],
            "{{ rounded('x', 2) }}",
            "{{ rounded('x', 0) }}",
        ),
    },
    "row_as_json": {
        # spelling may differ: both are read again
        "row": "select {{ row_as_json('t') }} as json from (select 1 as a, cast(null as string) "
        "as b, "
        "cast('inf' as double) as c, 0.1e0 / 3 as d, 'x\"y' as e, {{ list_of(['1e0', '2e0'], "
        "'double') }} as f, "
        "true as g, date '2020-01-01' as h, 1e-7 as k) as t",
    },
    "row_as_value": {
        "equal rows": "select count(distinct {{ row_as_value('t') }}) as y from "
        + table({"a": "string", "b": "double"}, ("x", None), ("x", None), ("y", "1e0")).join(
            ["(select a, b from ", ") as t"]
        ),
    },
    "rows_digest": {
        # the digits are the engine's own: equal for equal rows in any order, different for others
        "digests": "select count(distinct digest) as y, count(digest) as n from ("
        + " union all ".join(
            "select {{ rows_digest('t', 'k') }} as digest from (select k, v from "
            + table({"k": "integer", "v": "double"}, *rows)
            + ") as t"
            for rows in (
                [("1", "1e0"), ("2", None)],
                [("2", None), ("1", "1e0")],
                [("1", None), ("2", "1e0")],
                [("1", "1e0"), ("2", "0e0")],
            )
        )
        + ") as digests",
    },
    "safely": {
        "failures": each(
            "string",
            ["2024-01-05", "word", "0", None],
            *[
                f"{{{{ safely({json.dumps(sql)}) }}}}"
                for sql in ("x", "cast(x as integer) + 1", "cast(x as date)")
            ],
        ),
    },
    "smallest_rows": {
        "rows": "select g, {{ smallest_rows(['n', 'k', 't'], 2) }} as y0, "
        "{{ smallest_rows(['t', 'k'], 3, 'n is not null') }} as y1, "
        "{{ smallest_rows(['k'], 1, 'false') }} as y2 " + f"from {PEOPLE} group by g order by g",
    },
    "text_literal": {
        "signs": "select "
        + ", ".join(
            f"{{{{ text_literal({json.dumps(text, ensure_ascii=False)}) }}}} as y{number}"
            for number, text in enumerate(
                ["it's", "a\\b", "\\", "\\'", '"', "\\n", "\n", "{# #}", "%_", ""]
            )
        ),
    },
    "text_parts": {
        "texts": each("string", ["a,b", "a", "", ",", None], "{{ text_parts('x', ',') }}")
    },
    "timestamp_literal": {
        "texts": "select "
        + ", ".join(
            f"cast({{{{ timestamp_literal('{text}') }}}} as string) as y{number}"
            for number, text in enumerate(
                ["2025-12-31", "2025-12-31 18:00", "2025-12-31 18:00:01.5", "1969-12-31 23:59:59"]
            )
        ),
    },
    "to_decimal": {
        "texts": each(
            "string", NUMBERS_AS_TEXT, "{{ to_decimal('x') }}", "{{ to_decimal('x', 38, 12) }}"
        ),
        "doubles": each(
            "double",
            [
                *DOUBLES,
                "1.00005e0",
                "1.00015e0",
                "1.00025e0",
                "0.28285e0",
                "0.00145e0",
                "0.00015e0",
                "0.00005e0",
                "-0.00005e0",
                "23.45675e0",
                "99999999999999e0",
                "1e14",
                "123456789012.34567e0",
                "2.675e0",
                "1.005e0",
            ],
            "{{ to_decimal('x') }}",
            "{{ to_decimal('x', 18, 2) }}",
        ),
        "doubles, many digits": each(
            "double",
            [
                "0.1e0",
                "1.5e0",
                "-2.125e0",
                "0.00145e0",
                "4.68125e0",
                "cast('nan' as double)",
                "1e36",
                None,
            ],
            "{{ to_decimal('x', 38, 12) }}",
            "{{ to_decimal('x', 38, 4) }}",
        ),
        "singles": each(
            "float", ["1.1e0", "1.00005e0", "0.3e0", "100.25e0"], "{{ to_decimal('x') }}"
        ),
        "decimals": each(
            "decimal(20, 12)", [*DECIMALS, "0.00005", "-0.00005"], "{{ to_decimal('x') }}"
        ),
        "whole numbers": each(
            "bigint",
            ["5", "-7", "99999999999999", "100000000000000", None],
            "{{ to_decimal('x') }}",
        ),
        "truths": each("boolean", ["true", "false", None], "{{ to_decimal('x') }}"),
        "moments": each("timestamp", MOMENTS, "{{ to_decimal('x') }}"),
        "dates": each("date", DATES, "{{ to_decimal('x') }}"),
    },
    "to_utc_timestamp": {
        "texts": each("string", TIMES, "cast({{ to_utc_timestamp('x') }} as string)"),
        "moments": each("timestamp", MOMENTS, "cast({{ to_utc_timestamp('x') }} as string)"),
        "dates": each("date", DATES, "cast({{ to_utc_timestamp('x') }} as string)"),
        "numbers": each(
            "bigint", ["20250105", None], "cast({{ to_utc_timestamp('x') }} as string)"
        ),
        "doubles": each(
            "double", ["20250105e0", None], "cast({{ to_utc_timestamp('x') }} as string)"
        ),
        "truths": each("boolean", ["true", None], "cast({{ to_utc_timestamp('x') }} as string)"),
    },
    "without_blanks_around": {"texts": each("string", PADDED, "{{ without_blanks_around('x') }}")},
    "names_as_quoted_here": {
        name: f"{{% set odd = {json.dumps(written)} %}}"
        "select {{ names_as_quoted_here(odd) }} as y0, "
        "{{ names_as_quoted_here([odd]) | first }} as y1 "
        "from (select 'a' as {{ names_as_quoted_here('\"A b\"') }}) as t"
        for name, written in [
            ("name", '"A b"'),
            ("expression", """upper("A b") || ' "c" it''s ' || 'd"'"""),
        ]
    },
    "trimmed": {"texts": each("string", PADDED, "{{ trimmed('x') }}")},
    "type_name": {
        # the name of the type of the very column
        type_name: f"select lower(typeof(cast(null as {made}))) = "
        f"'{{{{ type_name('{type_name}') }}}}' as y"
        for type_name, made in [
            ("string", "string"),
            ("integer", "integer"),
            ("double[][]", "{{ list_type(list_type('double')) }}"),
            ("string[]", "{{ list_type('string') }}"),
            (
                "struct(a integer, b string[], c struct(d double, e boolean))[]",
                "{{ list_type(record_type({'a': 'integer', 'b': list_type('string'), "
                "'c': record_type({'d': 'double', 'e': 'boolean'})})) }}",
            ),
        ]
    },
    "value_kind": {
        type_name: each(type_name, [given, None], "{{ value_kind('x') }}")
        for type_name, given in [
            ("string", "1"),
            ("double", "1e0"),
            ("float", "1e0"),
            ("decimal(10, 2)", "1"),
            ("integer", "1"),
            ("bigint", "1"),
            ("smallint", "1"),
            ("tinyint", "1"),
            ("boolean", "true"),
            ("date", "date '2025-01-01'"),
            ("timestamp", "timestamp '2025-01-01'"),
        ]
    },
    "whole_days": {
        "moments": each(
            "timestamp",
            MOMENTS,
            "{{ whole_days('x', \"timestamp '2025-01-01 12:00'\") }}",
            "{{ whole_days(\"timestamp '2025-01-01 12:00'\", 'x') }}",
        ),
    },
}
