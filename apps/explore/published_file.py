"""The published file as the app sees it: one connection a render, read-only, and the queries.

Everything that is chosen on the page reaches the queries as a parameter. Only names of columns are
put into their text, quoted, and only such as the catalogue of the file gives.
"""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from pathlib import Path

import duckdb

QUERIES = Path(__file__).parent / "queries"

# What the app reads. Without `segments` there is nothing to show; for any other table that is not
# in the file an empty one stands in, so that a file of a single build, or of few tables, works.
TABLES = {
    "segments": {
        "customer_id": "string",
        "segment_id": "integer",
        "segment_name": "string",
        "monetary": "decimal(38,4)",
        "recency_days": "integer",
        "frequency": "bigint",
        "model_version": "integer",
        "as_of": "timestamp",
    },
    "segments_snapshot": {
        "customer_id": "string",
        "segment_id": "integer",
        "segment_name": "string",
        "monetary": "decimal(38,4)",
        "as_of": "timestamp",
        "dbt_valid_from": "timestamp",
        "dbt_valid_to": "timestamp",
    },
    "segment_builds": {
        "run_at": "timestamp",
        "as_of": "timestamp",
        "model_version": "integer",
        "customers": "bigint",
    },
    "segment_profiles": {
        "segment_id": "integer",
        "action": "string",
        "offer": "string",
        "message": "string",
        "channel": "string",
    },
    "feature_snapshot": {"customer_id": "string"},
    "publication": {
        "version": "string",
        "published_at": "timestamp",
        "run_at": "timestamp",
        "as_of": "timestamp",
        "model_version": "integer",
    },
}

# Types of columns that can be levels to filter by, and the most levels that a list can hold.
LEVEL_TYPES = ("VARCHAR", "BOOLEAN")
MOST_LEVELS = 200
NO_LEVEL = "(none)"

# A spreadsheet takes a cell that begins so for a formula; four are wide forms of the others.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001


class UnreadableError(Exception):
    """The file cannot be shown, for a reason that a person can act on."""


def quoted(name: str) -> str:
    """Return the name of a column for the text of a query."""
    return '"' + name.replace('"', '""') + '"'


def query(name: str) -> str:
    """Return the text of a query of the folder queries/."""
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def target_of(path: Path) -> Path:
    """Return the version that the link leads to now, so that a later switch changes nothing."""
    if path.is_dir():
        raise UnreadableError(
            f"`{path}` is a folder: publish a DuckDB file, not Parquet, or name the file in it."
        )
    if not path.is_file():
        raise UnreadableError(
            f"There is no published file at `{path}`. Set `segmentation_publish_path` and run "
            "`dbt build` (in this repository: `make build`), or name another file."
        )
    return path.resolve()


@contextmanager
def opened(target: Path):
    """Open one version for one render, with the views and macros that the queries need.

    Parameters
    ----------
    target : Path, a file and not a link, so that all of a render is of one version.

    Yields
    ------
    DuckDBPyConnection, read-only and closed at the end; its temporary tables go with it.

    Raises
    ------
    UnreadableError: the file is none of DuckDB's, or lacks a table or a column.
    """
    settings = {"enable_external_access": "false", "autoinstall_known_extensions": "false"}
    try:
        connection = duckdb.connect(str(target), read_only=True, config=settings)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UnreadableError(
            f"`{target.name}` cannot be opened as a DuckDB file: {reason}"
        ) from None
    try:
        prepare(connection, target.name)
        yield connection
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UnreadableError(
            f"`{target.name}` is not what this app was written for: {reason}"
        ) from error
    finally:
        connection.close()


def prepare(connection, name: str) -> None:
    """Add to a connection what the queries expect, whatever the file holds."""
    present = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'main' and not internal order by table_name, column_index"
    ).fetchall():
        present.setdefault(table, {})[column] = kind
    if "segments" not in present:
        raise UnreadableError(
            f"`{name}` holds no table `segments`: it is not a file that the package has published."
        )
    for table, wanted in TABLES.items():
        if table not in present:
            columns = ", ".join(f"{column} {kind}" for column, kind in wanted.items())
            connection.execute(f"create temp table {table} ({columns})")
        elif missing := [column for column in wanted if column not in present[table]]:
            raise UnreadableError(
                f"The table `{table}` in `{name}` lacks {', '.join(f'`{c}`' for c in missing)}: "
                "publish it with the version of the package that this app came with."
            )
    connection.execute(attributes_view(present.get("feature_snapshot", {})))
    connection.execute(query("standing"))
    connection.execute(query("matches"))


def attributes_view(columns: dict[str, str]) -> str:
    """Return the view of the columns that customers can be filtered by, one row a customer.

    Parameters
    ----------
    columns : dict, type of each column of `feature_snapshot` by name.

    Returns
    -------
    str, a statement: the columns, and `levels`, the map from their names to the customer's levels.
    """
    taken = {*TABLES["segments"], *TABLES["segment_profiles"], "levels"}
    names = {
        # a customer's `channel` is not the one to write to him through
        column: f"customer_{column}" if column in taken else column
        for column, kind in columns.items()
        if kind in LEVEL_TYPES and column != "customer_id"
    }
    values = "".join(f"{quoted(old)} as {quoted(new)}, " for old, new in names.items())
    keys = ", ".join("'" + name.replace("'", "''") + "'" for name in names.values())
    levels = ", ".join(f"coalesce(cast({quoted(c)} as varchar), '{NO_LEVEL}')" for c in names)
    return (
        f"create temp view attributes as select customer_id, {values}"
        f"cast(map([{keys}], [{levels}]) as map(varchar, varchar)) as levels from feature_snapshot"
    )


def rows(connection, name: str, **parameters) -> list[dict]:
    """Return the rows of a query as dicts."""
    cursor = connection.execute(query(name), parameters)
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def frame(connection, name: str, **parameters):
    """Return the rows of a query as the data frame that Streamlit draws."""
    return connection.execute(query(name), parameters).df()


def choose(connection, moment, segments, filters) -> None:
    """Fill the table `chosen` with the customers that the filters leave.

    Parameters
    ----------
    connection : an opened one, without that table.
    moment : datetime or None, `run_at` of an earlier build; None is the published one.
    segments : list of int, ids; none means all.
    filters : dict, levels by attribute, as `level_choices` names them; without a key means all.
    """
    connection.execute(
        query("chosen"), {"moment": moment, "segments": segments, "filters": as_pairs(filters)}
    )


def as_pairs(filters: dict[str, list[str]]) -> list[dict]:
    """Return filters in the form that the macro `matches` reads."""
    return [{"attribute": name, "levels": levels} for name, levels in filters.items() if levels]


def columns_of_chosen(connection) -> list[str]:
    """Return the columns of the table `chosen`, in order."""
    return [row[0] for row in connection.execute("describe chosen").fetchall()]


def customers_page(connection, search, sort, descending, number, size):
    """Return one page of the chosen customers.

    Parameters
    ----------
    connection : an opened one, after `choose`.
    search : str, a part of the customer's id; empty means all.
    sort : str, one of `columns_of_chosen`.
    descending : bool.
    number, size : int, the page from 1, and its rows.

    Returns
    -------
    DataFrame of at most `size` rows.
    """
    if sort not in columns_of_chosen(connection):
        raise ValueError(f"there is no column {sort}")
    text = query("customers").replace(
        "{order}", f"{quoted(sort)} {'desc' if descending else 'asc'}"
    )
    return connection.execute(
        text, {"search": search, "rows": size, "skipped": (number - 1) * size}
    ).df()


def harmless(cell):
    """Return a cell of the list; text that a spreadsheet would run begins with an apostrophe."""
    if isinstance(cell, str) and (
        cell.startswith(FORMULA_STARTS) or cell.lstrip().startswith(FORMULA_STARTS)
    ):
        return "'" + cell
    return cell


def campaign_csv(target: Path, moment, segments, filters, search, as_of) -> bytes:
    """Return the list for a campaign as UTF-8 CSV, of the version and the filters of a page.

    Parameters
    ----------
    target : Path, the version that the page shows.
    moment, segments, filters : as `choose` takes them.
    search : str, as `customers_page` takes it.
    as_of : datetime, end of observation of the build.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    with opened(target) as connection:
        choose(connection, moment, segments, filters)
        cursor = connection.execute(query("campaign"), {"search": search, "as_of": as_of})
        writer.writerow([harmless(column[0]) for column in cursor.description])
        while batch := cursor.fetchmany(10_000):
            writer.writerows([harmless(cell) for cell in row] for row in batch)
    return text.getvalue().encode("utf-8")
