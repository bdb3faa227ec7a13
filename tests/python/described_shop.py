"""What is known about the customers of `corner_shop` beside their orders: people and events."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
from corner_shop import clean_lines

PEOPLE_COLUMNS = {
    "member no": "integer",
    "agreed": "varchar",
    "Town": "varchar",
    "is_member": "boolean",
    "born_on": "date",
    "children": "double",
    "secret": "varchar",
}
EVENT_COLUMNS = {"who": "bigint", "seen_at": "timestamptz"}

SETTINGS = {
    "segmentation_customers": "read_parquet('people.parquet')",
    "segmentation_customers_key": '"member no"',
    "segmentation_consent_when": "agreed = 'yes'",
    "segmentation_attributes": ["children"],
    "segmentation_profile_attributes": ["Town", "is_member", "born_on", "children"],
    "segmentation_events": "read_parquet('events.parquet')",
    "segmentation_event_customer_id": "who",
    "segmentation_event_at": "seen_at",
    "segmentation_event_type": None,
    "segmentation_event_conversion_days": 3,
    "segmentation_country": "'Elsewhere'",
    "segmentation_features": ["recency_days", "monetary", "visit_frequency", "children"],
    "segmentation_imputation": "mean",
    "segmentation_k": 3,
}


def lines_of(customer, kind):
    """Return one line of a customer beyond the fifty: a `return`, or one that is not `usable`."""
    line = {
        "group": f"{customer}0",
        "order": f"{customer}000",
        "Customer ID": str(customer),
        "Time": "2025-06-01",
        "raw": "tea",
        "Quantity": "1",
        "price per unit": "2.50",
    }
    return line | ({"Quantity": "-1"} if kind == "return" else {"price per unit": "0"})


def lines():
    """Return the clean lines, a return of 51, who never bought, and an unusable line of 52."""
    return [*clean_lines(), lines_of(51, "return"), lines_of(52, "unusable")]


def people():
    """Return the customer table: 1 to 53 without 7, 50 and 54 having refused, 3 and 4 twice.

    There are 30 towns and a blank one for 1; children are unknown for 5, and no number for 6. Only
    53 and 54 never ordered anything.
    """
    rows = [
        (
            number,
            "no" if number in (50, 54) else "yes",
            " " if number == 1 else f"Town {number % 30:02}",
            None if number % 10 == 0 else number % 3 == 0,
            date(1950, 1, 1) + timedelta(days=397 * number),
            None if number == 5 else float("nan") if number == 6 else float(number % 4),
            "for nobody's eyes",
        )
        for number in range(1, 55)
        if number != 7
    ]
    # Of two rows the larger value counts; one refusal is a refusal.
    twice = [(3, "yes", "Town 99", None, None, 2.0, ""), (4, "no", "Town 99", None, None, 9.0, "")]
    return rows + twice


def events():
    """Return the events: every third day of some customers, and some that must be set aside."""
    start = datetime(2025, 1, 1, 23, 30)
    sound = [
        (number, start + timedelta(days=3 * turn * number, hours=5 * turn))
        for number in range(1, 55)
        for turn in range(number % 6)
        if number not in (49, 51)
    ]
    unusable = [
        (None, start),
        (None, None),
        (2, None),
        (2, datetime(1980, 1, 1)),
        (2, datetime(2060, 1, 1)),
        (99, start),
    ]
    return sound + unusable


def write_table(path, columns, rows):
    """Write a table as a Parquet file, its times in UTC."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"create table written ({declared})")
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"insert into written values ({marks})", rows)
        connection.execute(f"copy written to '{path}'")
