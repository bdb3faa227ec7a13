"""Print what a built database holds: `python -m customer_segmentation.show FILE`.

The profile of each segment, what to do about it, and what the last build changed. It needs duckdb,
which is there wherever dbt-duckdb is, and reads the folder of a schema of Spark too.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from textwrap import wrap

import duckdb

from customer_segmentation.changes import LINE, what_changed, where_published

QUERY = """
    select
        segment_id, segment_name, customers, customer_share, revenue_share,
        median_recency_days, median_frequency, median_monetary,
        goal, action, advice, channel, metric
    from segmentation.segment_profiles
    order by segment_id
"""

NAME = 40


def profile_table(profiles) -> str:
    """Lay out the profiles as a plain table, and below it what to do about each segment.

    Parameters
    ----------
    profiles : list of tuple, as QUERY gives them; shares from 0 to 1, recency in days.

    Returns
    -------
    str without a line of more than 100 columns; a long name takes several lines.
    """
    cells = [("id", "segment", "customers", "share", "revenue", "recency", "orders", "spend")]
    for id_, name, customers, share, revenue, recency, orders, spend, *_ in profiles:
        first, *others = wrap(name, NAME) or [""]
        cells.append(
            (
                str(id_),
                first,
                f"{customers:,}",
                f"{share:.1%}",
                "-" if revenue is None else f"{revenue:.1%}",
                f"{recency:,.0f} days",
                f"{orders:,.1f}",
                f"{spend:,.0f}",
            )
        )
        cells += [("", f"  {other}", *[""] * 6) for other in others]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = [
        "  ".join(
            cell.ljust(size) if column == 1 else cell.rjust(size)
            for column, (cell, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines + instructions(profiles))


def instructions(profiles) -> list[str]:
    """Say what to do about each segment; of an archetype once, and then only what differs.

    Parameters
    ----------
    profiles : list of tuple, as QUERY gives them.

    Returns
    -------
    list of str, lines of at most 100 columns; none for a segment without an action.
    """
    lines = []
    told = {}
    for id_, name, *_, goal, action, advice, channel, metric in profiles:
        if not action:
            continue
        if action in told:
            sentences = [f"As for {told[action]}.", advice]
        else:
            told[action] = id_
            sentences = [
                f"{goal}." if goal else None,
                action,
                advice,
                f"Channel: {channel}." if channel else None,
                f"Measure: {metric}." if metric else None,
            ]
        text = " ".join(filter(None, sentences))
        indents = {"initial_indent": "   ", "subsequent_indent": "   "}
        lines += ["", f"{id_}. {name}", *wrap(text, LINE, **indents)]
    return lines


def connect(database):
    """Open the file; or a database in memory with a view on each table of Parquet files.

    Parameters
    ----------
    database : Path
    """
    if database.is_file():
        return duckdb.connect(str(database), read_only=True)
    connection = duckdb.connect()
    connection.execute("create schema segmentation")
    for table in sorted({path.parent for path in database.glob("*/*.parquet")}):
        files = str(table / "*.parquet").replace("'", "''")
        connection.execute(
            f"create view segmentation.\"{table.name}\" as from read_parquet('{files}')"
        )
    return connection


def main(arguments=None) -> int:
    """Print the tables and the place of the database; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m customer_segmentation.show")
    parser.add_argument(
        "database",
        type=Path,
        help="DuckDB file that dbt build has filled, or the folder of a schema of Spark",
    )
    database = parser.parse_args(arguments).database
    if not database.exists():
        print(f"There is no database {database}: run `make build` first.", file=sys.stderr)
        return 1
    with connect(database) as connection:
        try:
            profiles = connection.execute(QUERY).fetchall()
            changes = what_changed(connection)
            places = where_published(connection)
        except duckdb.CatalogException:
            print(f"{database} holds no segments yet: run `make build` first.", file=sys.stderr)
            return 1
    print(profile_table(profiles))
    if changes:
        print("", *changes, sep="\n")
    print(f"\nRecency, orders and spend are medians. Database: {database.resolve()}")
    print(*places, sep="\n", end="\n" if places else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
