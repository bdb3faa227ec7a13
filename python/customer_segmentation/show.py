"""Print the segment profiles of a built database: `python -m customer_segmentation.show FILE`.

The one module for people at a terminal. It needs duckdb, which is there wherever dbt-duckdb is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb

QUERY = """
    select
        segment_id, segment_name, customers, customer_share, revenue_share,
        median_recency_days, median_frequency, median_monetary, action
    from segmentation.segment_profiles
    order by segment_id
"""


def profile_table(profiles, width=100) -> str:
    """Lay out the profiles as a plain table.

    Parameters
    ----------
    profiles : list of tuple, as QUERY gives them; shares from 0 to 1, recency in days.
    width : int. Columns of the terminal; the action is cut to what is left.

    Returns
    -------
    str of one header line and one line per segment, none longer than width.
    """
    head = ("id", "segment", "customers", "share", "revenue", "recency", "orders", "spend")
    cells = [head]
    for id_, name, customers, share, revenue, recency, orders, spend, _ in profiles:
        cells.append(
            (
                str(id_),
                name,
                f"{customers:,}",
                f"{share:.1%}",
                "-" if revenue is None else f"{revenue:.1%}",
                f"{recency:,.0f} d",
                f"{orders:,.1f}",
                f"{spend:,.0f}",
            )
        )
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    actions = ["what to do", *(profile[-1] or "" for profile in profiles)]
    lines = []
    for row, action in zip(cells, actions, strict=True):
        line = "  ".join(
            cell.ljust(size) if column == 1 else cell.rjust(size)
            for column, (cell, size) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(_cut(f"{line}  {action}".rstrip(), width))
    return "\n".join(lines)


def _cut(text, width):
    return text if len(text) <= width else text[: width - 3].rstrip() + "..."


def main(arguments=None) -> int:
    """Print the table and the place of the database; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m customer_segmentation.show")
    parser.add_argument("database", type=Path, help="DuckDB file that dbt build has filled")
    database = parser.parse_args(arguments).database
    if not database.is_file():
        print(f"There is no database {database}: run `make build` first.", file=sys.stderr)
        return 1
    with duckdb.connect(str(database), read_only=True) as connection:
        try:
            profiles = connection.execute(QUERY).fetchall()
        except duckdb.CatalogException:
            print(f"{database} holds no segments yet: run `make build` first.", file=sys.stderr)
            return 1
    print(profile_table(profiles))
    print(f"\nMedians per segment. Database: {database.resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
