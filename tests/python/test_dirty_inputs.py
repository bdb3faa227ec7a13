"""Dirty inputs build green: every line is kept, or rejected for the reason that is meant.

Each case adds a line or two to the clean table of the corner shop; its name stands in the column
of the product. One table has nothing but text columns, as a careless export; the two others have
types that a warehouse gives to such columns. All of them have column names that need quotes.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest
from corner_shop import clean_lines, write_lines
from project_runner import together

LINE = {
    "group": None,
    "order": "770001",
    "Customer ID": "7",
    "Time": "2025-03-05 10:00:00",
    "Quantity": "2",
    "price per unit": "2.50",
}


@dataclass(frozen=True)
class Case:
    """Lines that differ from LINE, and what becomes of them.

    Attributes
    ----------
    name : str
    lines : tuple of dict. Columns that differ from LINE.
    reasons : tuple of reject reasons, one per line in any order; None is a line that is kept.
    kept : dict. Typed columns of the line that is kept.
    """

    name: str
    lines: tuple
    reasons: tuple
    kept: dict

    def __str__(self):
        """Return the name, by which pytest knows the case."""
        return self.name


def rejected(name, reason, **values):
    return Case(name, (columns(values),), (reason,), {})


def kept(name, expected, **values):
    return Case(name, (columns(values),), (None,), expected)


def columns(values):
    names = {
        "key": "group",
        "order": "order",
        "customer": "Customer ID",
        "time": "Time",
        "quantity": "Quantity",
        "price": "price per unit",
    }
    return {names[name]: value for name, value in values.items()}


def at(text):
    return {"ordered_at": datetime.fromisoformat(text)}


TEXT = [
    # numbers
    rejected("a word for a quantity", "missing_quantity", quantity="two"),
    rejected("a truth value for a quantity", "missing_quantity", quantity="true"),
    rejected("a thousands separator", "missing_quantity", quantity="1,000"),
    rejected("no quantity", "missing_quantity", quantity=None),
    rejected("a blank quantity", "missing_quantity", quantity="  "),
    rejected("NaN for a quantity", "non_finite_quantity", quantity="NaN"),
    rejected("inf for a quantity", "non_finite_quantity", quantity="inf"),
    rejected("-Infinity for a quantity", "non_finite_quantity", quantity="-Infinity"),
    rejected("a huge quantity", "non_finite_quantity", quantity="99999999999999999999"),
    rejected("a quantity of zero", "zero_quantity", quantity="0.0"),
    rejected("a decimal comma", "missing_price", price="2,50"),
    rejected("a currency sign", "missing_price", price="£2.50"),
    rejected("an empty price", "missing_price", price=""),
    rejected("nan for a price", "non_finite_price", price="nan"),
    rejected("Infinity for a price", "non_finite_price", price="Infinity"),
    rejected("a price of zero", "zero_price", price="0"),
    rejected("a negative price", "negative_price", price="-2.50"),
    rejected(
        "a product that overflows", "invalid_amount", quantity="9999999999", price="9999999999"
    ),
    kept("blanks around a number", {"amount": Decimal("7.5")}, quantity="\t3\n", price=" 2.50 "),
    kept("a number with an exponent", {"quantity": Decimal(100)}, quantity="1e2"),
    kept("a return", {"is_return": True, "amount": Decimal(-5)}, quantity="-2"),
    # ids
    rejected("no customer", "missing_customer", customer=None),
    rejected("an empty customer", "missing_customer", customer=""),
    rejected("a blank customer", "missing_customer", customer=" \t "),
    rejected("a no-break space for a customer", "missing_customer", customer="\u00a0"),
    rejected("no order", "missing_order", order=None),
    rejected("a blank order", "missing_order", order="   "),
    kept(
        "leading zeros",
        {"customer_id": "007", "order_id": "000770001"},
        customer="007",
        order="000770001",
    ),
    kept("a word that means nothing to SQL", {"customer_id": "NULL"}, customer="NULL"),
    kept("blanks around an id", {"customer_id": "7"}, customer="  7\u00a0"),
    kept("another script", {"customer_id": "Žofia 顧客 🛍"}, customer="Žofia 顧客 🛍"),
    kept(
        "SQL in an id",
        {"customer_id": "x'); drop table lines; --"},
        customer="x'); drop table lines; --",
    ),
    kept("quotes and backslashes", {"order_id": "a\"b'c\\d%"}, order="a\"b'c\\d%"),
    kept("Jinja in an id", {"customer_id": "{{ this }}{% if"}, customer="{{ this }}{% if"),
    # dates
    rejected("an hour with a marker", "unparsable_date", time="2025-03-05 10:00 PM"),
    kept("a named zone", at("2025-03-05 09:00"), time="2025-03-05 10:00:00 Europe/Berlin"),
    kept("an offset after a blank", at("2025-03-05 08:00"), time="2025-03-05 10:00 +0200"),
    rejected("no date", "missing_date", time=None),
    rejected("a blank date", "missing_date", time=" "),
    rejected("a date that is a word", "unparsable_date", time="soon"),
    rejected("a month 31", "unparsable_date", time="31/31/2025"),
    rejected("the 30th of February", "unparsable_date", time="2025-02-30"),
    rejected("a date in the future", "date_after_as_of", time="2062-06-15"),
    rejected("a date of 1900", "date_too_early", time="1900-01-01"),
    kept("a date alone", at("2025-03-05 00:00"), time="2025-03-05"),
    kept("a T between date and time", at("2025-03-05 10:00"), time="2025-03-05T10:00:00"),
    kept("microseconds", at("2025-03-05 10:00:00.123456"), time="2025-03-05 10:00:00.123456"),
    kept("an offset to the east", at("2025-03-05 08:00"), time="2025-03-05T10:00:00+02:00"),
    kept("an offset over midnight", at("2025-03-06 04:30"), time="2025-03-05 23:30:00-05"),
    kept("a Z for UTC", at("2025-03-05 10:00"), time="2025-03-05T10:00:00Z"),
    kept("an hour that summer time skips", at("2025-03-09 02:30"), time="2025-03-09 02:30:00"),
    # repetitions
    Case(
        "a key twice",
        (columns({"key": "k1"}), columns({"key": "k1", "quantity": "3"})),
        (None, "duplicate_line"),
        {"quantity": Decimal(2)},
    ),
    Case(
        "a key twice, the first line broken",
        (columns({"key": "k2", "quantity": "two"}), columns({"key": "k2", "quantity": "3"})),
        ("missing_quantity", None),
        {"quantity": Decimal(3)},
    ),
    Case("the same line twice without a key", ({}, {}), (None, "exact_duplicate"), {}),
    Case(
        "the same line twice with a key",
        (columns({"key": "k3"}),) * 2,
        (None, "duplicate_line"),
        {},
    ),
    Case("two lines without a key", ({}, columns({"quantity": "3"})), (None, None), {}),
]

FLOATS_AND_ZONES = [
    kept("an id as a float", {"customer_id": "17850"}, customer="17850.0"),
    kept("a fraction for an id", {"customer_id": "17850.25"}, customer="17850.25"),
    kept("a long id as a float", {"customer_id": "9007199254740991"}, customer="9007199254740991"),
    rejected("an id that is NaN", "missing_customer", customer="nan"),
    rejected("an id that is null", "missing_customer", customer=None),
    rejected("a null time", "missing_date", time=None),
    rejected("a time without end", "date_after_as_of", time="infinity"),
    rejected("a time without beginning", "date_too_early", time="-infinity"),
    kept("a zoned time", at("2025-03-06 04:30"), time="2025-03-05 23:30:00-05"),
    kept("a zoned time at midnight", at("2025-03-05 00:00"), time="2025-03-05 00:00:00+00"),
    rejected("a float that is NaN", "non_finite_quantity", quantity="nan"),
    rejected("a float that is infinite", "non_finite_quantity", quantity="-inf"),
    rejected("a float out of range", "non_finite_quantity", quantity="1e300"),
    rejected("a float that is null", "missing_quantity", quantity=None),
    kept("half a unit", {"amount": Decimal("1.25")}, quantity="0.5"),
    rejected("a decimal of zero", "zero_price", price="0.00"),
]

INTEGERS_AND_DATES = [
    kept("an id as an integer", {"customer_id": "17850"}, customer="17850"),
    rejected("a null integer", "missing_customer", customer=None),
    kept("a date column", at("2025-03-05 00:00"), time="2025-03-05"),
    rejected("a date column in the future", "date_after_as_of", time="9999-12-31"),
    rejected("a date before Christ", "date_too_early", time="0044-03-15 (BC)"),
    rejected("the largest integer", "non_finite_quantity", quantity="9223372036854775807"),
    rejected("an integer zero", "zero_quantity", quantity="0"),
    rejected("a short float that is NaN", "non_finite_price", price="nan"),
    kept("a short float", {"unit_price": Decimal("2.5")}, price="2.5"),
]

TABLES = {
    "text": (TEXT, {}, {}),
    "floats and zones": (
        FLOATS_AND_ZONES,
        {
            "Customer_ID": "double",
            "order": "bigint",
            "Time": "timestamptz",
            "Quantity": "double",
            "price_per_unit": "decimal(10, 2)",
        },
        # The session's zone must not matter, not even to what counts as midnight.
        {"TimeZone": "America/New_York"},
    ),
    "integers and dates": (
        INTEGERS_AND_DATES,
        {
            "Customer_ID": "integer",
            "order": "integer",
            "Time": "date",
            "Quantity": "bigint",
            "price_per_unit": "float",
        },
        {},
    ),
}
CASES = [
    pytest.param(table, case, id=f"{table}: {case}")
    for table, (cases, *_) in TABLES.items()
    for case in cases
]


def lines_of(case):
    return [LINE | {"raw": case.name} | line for line in case.lines]


@pytest.fixture(scope="module")
def builds(corner_shop):
    """Return the project built on each table, with all its tests, by name of the table."""
    projects = {}
    for name, (cases, types, engine) in TABLES.items():
        project = corner_shop.variant(
            name.replace(" ", "_"), {"segmentation_drop_exact_duplicates": True}, **engine
        )
        dirt = [line for case in cases for line in lines_of(case)]
        write_lines(project, dirt + clean_lines(), **types)
        projects[name] = project
    together(*(project.build for project in projects.values()))
    return projects


@pytest.mark.parametrize(("table", "case"), CASES)
def test_line_is_judged_as_it_should_be(builds, table, case):
    found = builds[table].frame(
        f"select * from stg_transactions where product_id = '{case.name}' order by reject_reason"
    )
    reasons = [reason if isinstance(reason, str) else None for reason in found["reject_reason"]]
    assert Counter(reasons) == Counter(case.reasons)
    for column, expected in case.kept.items():
        ((value,),) = builds[table].rows(
            f"select {column} from stg_transactions "
            f"where product_id = '{case.name}' and reject_reason is null"
        )
        assert value == expected


@pytest.mark.parametrize("table", TABLES)
def test_every_line_is_accounted_for(builds, table):
    cases, *_ = TABLES[table]
    expected = Counter(reason for case in cases for reason in case.reasons if reason)
    counted = builds[table].rows(
        "select check_name, rows_failed from transaction_audit "
        "where rows_failed > 0 and check_name in (select reject_reason from rejected_transactions)"
    )
    assert dict(counted) == expected
    rejections = builds[table].rows(
        "select reject_reason, count(*) from rejected_transactions group by all"
    )
    assert dict(rejections) == expected

    lines = sum(len(case.lines) for case in cases) + len(clean_lines())
    ((checked, failed),) = builds[table].rows(
        "select rows_checked, rows_failed from transaction_audit where check_name = 'kept_lines'"
    )
    assert (checked, failed) == (lines, expected.total())
    kept_lines = builds[table].value(
        "select count(*) from stg_transactions where reject_reason is null"
    )
    assert kept_lines == lines - expected.total()


@pytest.mark.parametrize("table", TABLES)
def test_everybody_who_bought_is_in_a_segment(builds, table):
    buyers = builds[table].rows(
        "select distinct customer_id from stg_transactions "
        "where reject_reason is null and not is_return order by customer_id"
    )
    assert builds[table].rows("select customer_id from segments order by customer_id") == buyers
    assert len(buyers) > 50


def test_leading_zeros_make_another_customer(builds):
    found = builds["text"].rows(
        "select customer_id from segments where customer_id in ('7', '007') order by customer_id"
    )
    assert found == [("007",), ("7",)]
