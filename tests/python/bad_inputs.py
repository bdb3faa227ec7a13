"""The catalogue in tests/bad_inputs: how its cases are read, written as tables, and told of."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import yaml
from corner_shop import clean_lines

CATALOGUE = Path(__file__).parents[1] / "bad_inputs"

# The columns of the input, in the order of the table.
TYPES = {
    "line_id": "bigint",
    "order_id": "bigint",
    "customer_id": "varchar",
    "ordered_at": "timestamp",
    "product_id": "varchar",
    "category": "varchar",
    "channel": "varchar",
    "country": "varchar",
    "quantity": "integer",
    "unit_price": "decimal(10, 2)",
}
SOUND = {
    "line_id": None,
    "order_id": "770001",
    "customer_id": "7",
    "ordered_at": "2025-03-05 10:00:00",
    "product_id": "tea",
    "category": "drinks",
    "channel": "shop",
    "country": "DE",
    "quantity": "2",
    "unit_price": "2.50",
}


def read_catalogue(name):
    """Return the entries of one file of the catalogue."""
    return yaml.safe_load((CATALOGUE / f"{name}.yml").read_text(encoding="utf-8"))


def sound_lines():
    """Return 410 sound lines of 50 customers, as text: those of the corner shop, and dimensions."""
    lines = []
    for number, line in enumerate(clean_lines()):
        lines.append(
            {
                "line_id": line["group"],
                "order_id": line["order"],
                "customer_id": line["Customer ID"],
                "ordered_at": line["Time"],
                "product_id": line["raw"],
                "category": "drinks" if line["raw"] == "tea" else "food",
                "channel": ("shop", "web", "phone")[number % 3],
                "country": ("DE", "FR")[number % 2],
                "quantity": line["Quantity"],
                "unit_price": line["price per unit"],
            }
        )
    return lines


def write_lines(path, lines, types):
    """Write a table of lines that are given as text.

    Parameters
    ----------
    path : Path
    lines : list of dict of column to text; None is null.
    types : dict of column to SQL type.
    """
    with duckdb.connect() as connection:
        _create(connection, "lines", lines, types)
        connection.execute(f"copy lines to '{path}' (format parquet)")


def write_input(path, query):
    """Write a table that a query makes of the sound ones, in the relation `clean`.

    Returns
    -------
    int. Number of rows.
    """
    with duckdb.connect() as connection:
        _create(connection, "clean", sound_lines(), TYPES)
        connection.execute(f"create table lines as {query}")
        connection.execute(f"copy lines to '{path}' (format parquet)")
        return connection.execute("select count(*) from lines").fetchall()[0][0]


def _create(connection, table, lines, types):
    connection.execute("set TimeZone = 'UTC'")
    declared = ", ".join(f"{column} {kind}" for column, kind in types.items())
    connection.execute(f"create table {table} ({declared})")
    values = ", ".join(f"cast(? as {kind})" for kind in types.values())
    connection.executemany(
        f"insert into {table} values ({values})",
        [[line[column] for column in types] for line in lines],
    )


def digests(project, tables):
    """Return a digest of every row of some tables, by table: lists that hardly two tables share."""
    with duckdb.connect(str(project.database), read_only=True) as connection:
        return {
            table: sorted(
                row[0]
                for row in connection.execute(
                    f"select md5(cast(t as varchar)) from {project.schema}.{table} as t"
                ).fetchall()
            )
            for table in tables
        }


def is_as_expected(value, expected):
    """Tell whether a value of a table is the one that is written in the catalogue."""
    if isinstance(expected, bool) or expected is None:
        return value is expected
    if isinstance(expected, int | float):
        return value == Decimal(str(expected))
    return str(value) == expected


def printable(text):
    """Return text of one line that shows what cannot be seen."""
    return re.sub(r"[^\x20-\x7e]", lambda found: ascii(found[0])[1:-1], text)


def table_of(rows):
    """Return rows of (group, case, expected, seen) as a table to be printed."""
    head = ("group", "case", "expected", "seen")
    rows = [head, *([printable(str(cell)) for cell in row] for row in rows)]
    widths = [min(max(len(row[place]) for row in rows), 64) for place in range(4)]
    return "\n".join(
        "  ".join(cell[:width].ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
