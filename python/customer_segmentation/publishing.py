"""Publish tables in files that nobody sees half-built.

A version is written beside the published one under a name that no reader knows, forced to disk,
and given its own name. Then the link that readers open is replaced by one to the new version, in
one step of the file system. Whoever has the earlier version open keeps reading it; a run that is
killed anywhere leaves the link as it was.

    published/segmentation.duckdb  ->  segmentation-20260101T040000000000Z.duckdb
    published/segmentation         ->  segmentation-20260101T040000000000Z/  (one Parquet a table)
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NAME = "segmentation"
SUFFIXES = {"duckdb": ".duckdb", "parquet": ""}


@dataclass(frozen=True)
class Options:
    """Where and how to publish: the settings `segmentation_publish_*`.

    Attributes
    ----------
    path : str or None. Folder of the versions and of the links; None publishes nothing.
    formats : str or sequence of str among SUFFIXES.
    tables : sequence of str. Names of the tables to publish; all of them if it is empty.
    versions : int. Versions of each format that are kept, the newest included.
    storage_version : str. Oldest DuckDB that shall read the file, such as v1.4.0.
    min_cell : int or None. Customers that a group must have to be shown; None or 0 shows all.
    left_out : sequence of str. Tables that are not published where small groups are hidden.
    """

    path: str | None
    formats: str | tuple[str, ...]
    tables: tuple[str, ...]
    versions: int
    storage_version: str
    min_cell: int | None = None
    left_out: tuple[str, ...] = ()

    def wanted(self, names) -> list[str]:
        """Return those of the names that are to be published."""
        left_out = self.left_out if self.min_cell else ()
        return [
            name
            for name in names
            if (not self.tables or name in self.tables) and name not in left_out
        ]

    def wanted_formats(self) -> list[str]:
        """Return the formats as a list."""
        return [self.formats] if isinstance(self.formats, str) else list(self.formats)


def publish(connection, selects, options, facts, forgotten=()) -> list[dict]:
    """Write a version in each format, switch the links, and remove what is too old.

    Parameters
    ----------
    connection : DuckDB connection without an open transaction; it is used for nothing else.
    selects : dict of table name to the SELECT statement of its rows.
    options : Options with a path
    facts : dict with run_at, as_of, model_version and package_version, which the table
        `publication` in the file repeats.
    forgotten : sequence of str. Customers whom no version may hold: each earlier one that does is
        removed. Whoever has it open keeps reading it.

    Returns
    -------
    list of dict, one per format and table, as columns.PUBLICATION_COLUMNS has them.

    Raises
    ------
    OSError: the folder cannot be written; the sentence names it and the setting.
    ValueError: the tables still hold a customer who is to be forgotten.
    """
    published_at = datetime.now(UTC).replace(tzinfo=None)
    version = f"{published_at:%Y%m%dT%H%M%S%f}Z"
    facts = {"version": version, "published_at": published_at, **facts}
    selects = {name: selects[name] for name in sorted(options.wanted(selects))}
    rows = []
    with _locked(options.path) as folder:
        _remove(folder.glob(f".{NAME}*"))
        connection.execute("create or replace temp table forgotten_customers (customer_id varchar)")
        connection.execute(
            "insert into forgotten_customers select unnest(?::varchar[])", [list(forgotten)]
        )
        for format_ in options.wanted_formats():
            write = {"duckdb": _write_duckdb, "parquet": _write_parquet}[format_]
            final = folder / f"{NAME}-{version}{SUFFIXES[format_]}"
            hidden = folder / f".{final.name}"
            try:
                counts = write(connection, selects, hidden, options, facts)
                if forgotten and HOLDS[format_](connection, hidden):
                    raise ValueError(
                        "segmentation_forget names a customer whom the tables to publish still "
                        "hold: run the whole `dbt build`, which leaves out the customers to forget"
                    )
            except BaseException:
                # half a version shall not keep a full disk full until the next one, nor one with
                # the forgotten stay
                _remove(folder.glob(f"{hidden.name}*"))
                raise
            hidden.rename(final)
            _switch(folder / f"{NAME}{SUFFIXES[format_]}", final)
            _prune(folder, SUFFIXES[format_], options.versions)
            rows += [
                {
                    "publication_id": f"{version} {format_} {table}",
                    "format": format_,
                    "table_name": table,
                    "table_rows": count,
                    "file": str(final.resolve()),
                    "file_bytes": _size(final),
                    **facts,
                }
                for table, count in counts.items()
            ]
        if forgotten:
            _remove_versions_of_the_forgotten(connection, folder)
    return rows


@contextmanager
def _locked(path):
    """Make the folder, and keep other builds from publishing there at the same time."""
    # only POSIX systems have it; docs/publishing.md says so
    import fcntl

    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise type(error)(
            error.errno,
            f"segmentation_publish_path is {path}, and no file can be made there "
            f"({error.strerror}): it must be a folder that this user may write, or null to publish "
            "nothing",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)


def _write_duckdb(connection, selects, path, options, facts):
    """Write the tables into one file, as of one instant, and return the number of rows of each."""
    connection.execute(
        f"attach '{_text(path)}' as publication_target "
        f"(storage_version '{options.storage_version}')"
    )
    try:
        connection.execute("begin")
        counts = {
            name: connection.execute(
                f'create table publication_target.main."{name}" as {select}'
            ).fetchone()[0]
            for name, select in selects.items()
        }
        connection.execute(
            f"create table publication_target.main.publication as {_facts(facts)}",
        )
        connection.execute("commit")
        connection.execute("checkpoint publication_target")
    except BaseException:
        # whatever went wrong is told, and not that there was nothing to roll back
        connection.rollback()
        raise
    finally:
        connection.execute("detach publication_target")
    _sync(path)
    return counts


def _write_parquet(connection, selects, path, options, facts):
    """Write a Parquet file per table, as of one instant, and return the number of rows of each."""
    path.mkdir()
    connection.execute("begin")
    try:
        counts = {
            name: connection.execute(_copy(select, path / f"{name}.parquet")).fetchone()[0]
            for name, select in selects.items()
        }
        connection.execute(_copy(_facts(facts), path / "publication.parquet"))
    finally:
        connection.execute("rollback")
    for file in path.iterdir():
        _sync(file)
    _sync(path)
    return counts


def _copy(select, path):
    return f"copy ({select}) to '{_text(path)}' (format parquet, compression zstd)"


def _facts(facts):
    """Return the one row of the table `publication` as a SELECT statement."""
    return f"""
        select
            '{facts["version"]}' as version,
            {_timestamp(facts["published_at"])} as published_at,
            {_timestamp(facts["run_at"])} as run_at,
            {facts["model_version"]}::integer as model_version,
            {_timestamp(facts["as_of"])} as as_of,
            '{facts["package_version"]}' as package_version
    """


def _timestamp(value):
    return f"timestamp '{value.isoformat(sep=' ')}'"


def _text(path):
    """Return a path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")


def _switch(link, target):
    """Let the link lead to the target, in one step: it never leads nowhere."""
    hidden = link.with_name(f".{link.name}.link")
    hidden.symlink_to(target.name)
    os.replace(hidden, link)
    _sync(link.parent)


def _prune(folder, suffix, versions):
    """Remove all but the newest versions of one format, and never the one that is linked to."""
    linked = (folder / f"{NAME}{suffix}").resolve().name
    _remove(path for path in _versions(folder, suffix)[versions:] if path.name != linked)


def _versions(folder, suffix):
    """Return the versions of one format, the newest first."""
    stem = f"{NAME}-" + "[0-9]" * 8 + "T" + "[0-9]" * 12 + "Z"
    return sorted(folder.glob(f"{stem}{suffix}"), key=lambda path: path.name, reverse=True)


def _remove_versions_of_the_forgotten(connection, folder):
    """Remove the versions, of any format, that hold one of the customers to forget."""
    for format_, suffix in SUFFIXES.items():
        _remove(path for path in _versions(folder, suffix) if HOLDS[format_](connection, path))
        link = folder / f"{NAME}{suffix}"
        # of a format that is no longer published: its last version is gone, and so is the way there
        if link.is_symlink() and not link.exists():
            link.unlink()


def _duckdb_holds(connection, path):
    connection.execute(f"attach '{_text(path)}' as publication_read (read_only)")
    try:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_columns() "
            "where database_name = 'publication_read' and column_name = 'customer_id'"
        ).fetchall()
        return any(
            _holds(connection, f'publication_read."{schema}"."{table}"') for schema, table in tables
        )
    finally:
        connection.execute("detach publication_read")


def _parquet_holds(connection, path):
    return any(
        _holds(connection, f"read_parquet('{_text(file)}')")
        for file in path.glob("*.parquet")
        if connection.execute(
            "select count(*) from parquet_schema(?) where name = 'customer_id'", [str(file)]
        ).fetchone()[0]
    )


def _holds(connection, relation):
    """Tell whether a relation has a row of one of the forgotten customers."""
    return connection.execute(
        f"select exists (from {relation} semi join forgotten_customers using (customer_id))"
    ).fetchone()[0]


HOLDS = {"duckdb": _duckdb_holds, "parquet": _parquet_holds}


def _remove(paths):
    for path in list(paths):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _size(path):
    return (
        sum(file.stat().st_size for file in path.iterdir())
        if path.is_dir()
        else (path.stat().st_size)
    )


def _sync(path):
    """Wait until a file, or the list of the files in a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
