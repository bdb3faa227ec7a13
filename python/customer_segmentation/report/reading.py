"""Read a published file: one connection, read-only, one version throughout."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb

PUBLISH = "set segmentation_publish_path and run `dbt build`, or name the folder it publishes to"


class ReportError(Exception):
    """What a person at a terminal is told instead of a traceback."""


class Tables:
    """The published tables, as rows.

    Parameters
    ----------
    connection : DuckDB connection in a transaction.
    place : Path. Where the tables were read, after all links.
    """

    def __init__(self, connection, place):
        self.connection = connection
        self.place = place
        found = connection.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_catalog = current_database() and table_schema = 'main'"
        ).fetchall()
        self.columns = {}
        for table, column in found:
            self.columns.setdefault(table, set()).add(column)

    def has(self, *tables) -> bool:
        """Whether all these tables are published."""
        return all(table in self.columns for table in tables)

    def rows(self, query) -> list[dict]:
        """Return the rows of a query, one dict of column name to value each.

        Decimals come as float: they are shown rounded, and never added up to the cent.
        """
        result = self.connection.execute(query)
        names = [column[0] for column in result.description]
        return [
            {
                name: float(value) if isinstance(value, Decimal) else value
                for name, value in zip(names, row, strict=True)
            }
            for row in result.fetchall()
        ]


@contextmanager
def published(path):
    """Open what is published at a path and yield its `Tables`.

    The links are followed once: a build that publishes meanwhile switches them for the next reader.

    Raises
    ------
    ReportError: no file, no DuckDB file, or one without segment_profiles.
    """
    place = locate(Path(path))
    try:
        connection = open_place(place)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ReportError(f"{place} cannot be read as a DuckDB file: {reason}") from error
    try:
        connection.execute("begin transaction")
        tables = Tables(connection, place)
        if not tables.has("segment_profiles"):
            raise ReportError(
                f"{place} holds no table segment_profiles, which a report cannot do without: "
                f"it is no published file, or segmentation_publish_tables leaves the table out."
            )
        yield tables
    finally:
        connection.close()


def locate(path) -> Path:
    """Return the file, or the folder of Parquet files, that a path stands for."""
    if path.is_file():
        return path.resolve()
    for candidate in (path / "segmentation.duckdb", path / "segmentation", path):
        if candidate.is_file() or any(candidate.glob("*.parquet")):
            return candidate.resolve()
    raise ReportError(f"There is no published file at {path}: {PUBLISH}.")


def open_place(place):
    """Connect to a DuckDB file, or to views over the Parquet files of one version."""
    if place.is_file():
        return duckdb.connect(str(place), read_only=True)
    connection = duckdb.connect()
    for file in sorted(place.glob("*.parquet")):
        name = file.stem.replace('"', '""')
        source = str(file).replace("'", "''")
        connection.execute(f"create view \"{name}\" as select * from read_parquet('{source}')")
    return connection
