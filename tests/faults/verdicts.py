"""What is left after a fault: the published files, and the warehouse.

Every table is compared, row by row, with two states that nothing disturbed: `last`, from which the
build started, and `twin`, which the same build reached where it was left alone. A table that is
neither is of no run, or of several.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import duckdb

FORMATS = {"duckdb": "segmentation.duckdb", "parquet": "segmentation"}

# Columns that name a run or what was published, and nothing that was found. The rows of a published
# table are compared themselves; their number, in `publications`, is larger where it is a log.
NAMES_OF_RUNS = {
    *("run_id", "version", "dbt_scd_id"),
    *("publication_id", "file", "file_bytes", "table_rows"),
}

# Logs of what was run: a run that was struck has left its rows there, and they stay. Besides these
# they must hold what they would hold without it.
LOGS = {"segmentation_runs", "segment_candidates", "publications"}
# A build that was struck after its tables counts as one, which the next build for the same end of
# observation replaces. Rows that compare these two are left out.
REPLACED = {"segment_migrations": ("from_as_of", "to_as_of")}

# "Version 2 …" in a sentence, and the key "2: first none > 1" of segment_lineage.
VERSION_IN_TEXT = re.compile(r"(?<=ersion )\d+|^\d+(?=: \w+ \S+ > )")
# segmentation_card says whether this run has fitted: not so where a struck run had done it before.
THIS_RUN = re.compile(r"^- This run: .*$", re.MULTILINE)

SINGLE_RUN = """
    select
        (select count(distinct (model_version, as_of)) from segments) = 1
        and (select count(*) from segments) > 0
        and (select max(model_version) from segments) in (select model_version from segment_model)
"""
WHOLE_REGISTRY = """
    select
        count(*) = count(distinct model_version)
        and bool_and(
            len(prototype) > 0
            and len(prototype) = len(prototype_segment_id)
            and len(prototype) = len(prototype_weight)
            and len(prototype) = len(prototype_offset)
            and len(centre) = len(scale)
            and settings is not null
            and fingerprint is not null
            and package_version is not null
        )
    from segment_model
"""
SOUND_SNAPSHOT = """
    select
        (
            select count(*) = count(distinct customer_id)
            from segments_snapshot
            where dbt_valid_to is null
        )
        and (
            select count(*) = 0
            from segments_snapshot as one
            inner join segments_snapshot as other
                on one.customer_id = other.customer_id
                    and one.dbt_valid_from < other.dbt_valid_from
                    and other.dbt_valid_from < coalesce(one.dbt_valid_to, timestamp '9999-12-31')
        )
        and (select count(*) = count(distinct dbt_scd_id) from segments_snapshot)
"""
CHECKS = {
    "segments are of one run, of a model in the registry": ("segments", SINGLE_RUN),
    "the registry holds whole rows": ("segment_model", WHOLE_REGISTRY),
    "a customer has one stay at a time": ("segments_snapshot", SOUND_SNAPSHOT),
}

# All that the file says of itself, held against what is in it.
PUBLISHED_RUN = """
    select
        (select count(*) from publication) = 1
        and (
            select list(distinct (model_version, as_of)) from segments
        ) = (select list((model_version, as_of)) from publication)
        and (select max(run_at) from segment_builds) = (select run_at from publication)
        and (select max(run_at) from segmentation_runs) = (select run_at from publication)
        and (select count(*) from segments) = (select sum(customers) from segment_profiles)
        and (select count(*) from segments) = (select count(*) from feature_snapshot)
        and (
            select count(*)
            from segments
            semi join (from segments_snapshot where dbt_valid_to is null) as stays
                using (customer_id, segment_id)
        ) = (select count(*) from segments_snapshot where dbt_valid_to is null)
"""


@dataclass(frozen=True)
class Era:
    """What tells the rows of a new run from those of earlier ones.

    Attributes
    ----------
    since : datetime or None. Later instants are of the new run.
    version : int. Higher model versions are of it.
    """

    since: datetime
    version: int


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes
    ----------
    state : str. `last`, `new`, or how many tables of a warehouse are new; `none` before the first.
    problems : list of str. Why it is lost or mixed; empty when it is not.
    newer : list of str. Tables of a warehouse that are of the new run.
    """

    state: str
    problems: list
    newer: list = ()


def warehouse_tables(project, era) -> dict:
    """Return the rows of all tables of the package in a warehouse that no build has open."""
    with _warehouse(project) as connection:
        names = _stored(connection, project.schema)
        return {name: _rows(connection, name, era) for name in names}


def published_tables(folder, format_, era) -> dict:
    """Return the rows of all tables of the version that is published in one format."""
    with _published(folder, format_) as connection:
        names = [row[0] for row in connection.execute("select view_name from names").fetchall()]
        return {name: _rows(connection, name, era) for name in names}


def of_published(folder, last, twin, era) -> dict[str, Verdict]:
    """Return the verdict on each published format.

    Parameters
    ----------
    folder : Path
    last, twin : dict of table name to rows; `last` is None before the first build.
    """
    return {format_: _of_format(folder, format_, last, twin, era) for format_ in FORMATS}


def of_warehouse(project, last, twin, era) -> Verdict:
    """Return the verdict on a warehouse, each table by itself and those that belong together."""
    if last is None and not project.database.exists():
        return Verdict("none", [])
    problems = []
    with _warehouse(project) as connection:
        stored = _stored(connection, project.schema)
        found = {name: _rows(connection, name, era) for name in stored}
        for sentence, (table, query) in CHECKS.items():
            if table in found:
                problems += [] if _holds(connection, query) else [f"not so: {sentence}"]
    missing = sorted(set(last or ()) - set(found))
    problems += [f"missing: {', '.join(missing)}"] if missing else []
    known = [name for name in found if name in twin]
    newer = [name for name in known if last is None or found[name] != last.get(name)]
    mixed = [
        name
        for name in differing({name: found[name] for name in newer}, {n: twin[n] for n in newer})
        if not (name in LOGS and _holds_all(found[name], (last or {}).get(name, [])))
    ]
    problems += [f"of neither run: {', '.join(mixed)}"] if mixed else []
    changing = [name for name in twin if last is None or twin[name] != last.get(name)]
    return Verdict(f"{len(newer)} of {len(changing)} new", problems, newer)


def leftovers(project, folder) -> list[str]:
    """Return the tables and files that a finished build should not have left."""
    with _warehouse(project) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where contains(table_name, '__dbt_')"
        ).fetchall()
    return sorted(name for (name,) in tables) + sorted(
        path.name for path in folder.glob(".segmentation*")
    )


def differing(found, expected) -> list[str]:
    """Return the tables whose rows differ, or that only one of both has."""
    names = sorted(set(found) | set(expected))
    return [
        name
        for name in names
        if found.get(name) != expected.get(name)
        and not (name in LOGS and _holds_all(found.get(name, []), expected.get(name, [])))
    ]


def _holds_all(found, expected):
    return not Counter(map(repr, expected)) - Counter(map(repr, found))


def _of_format(folder, format_, last, twin, era):
    link = folder / FORMATS[format_]
    if not link.is_symlink() and last is None:
        return Verdict("none", [])
    try:
        found = published_tables(folder, format_, era)
        with _published(folder, format_) as connection:
            problems = (
                [] if _holds(connection, PUBLISHED_RUN) else ["its tables are of several runs"]
            )
    except duckdb.Error as error:
        return Verdict("unreadable", [f"{format_}: {error}"])
    if last is not None and not differing(found, last):
        return Verdict("last", problems)
    differ = differing(found, twin)
    if not differ:
        return Verdict("new", problems)
    return Verdict("mixed", [*problems, f"{format_} is of neither run: {', '.join(differ)}"])


def _warehouse(project):
    connection = duckdb.connect(str(project.database), read_only=True)
    with suppress(duckdb.CatalogException):
        # a first build may have ended before there was a schema
        connection.execute(f"use {project.schema}")
    return connection


def _stored(connection, schema):
    rows = connection.execute(
        "select table_name from duckdb_tables() "
        "where schema_name = ? and not contains(table_name, '__dbt_') order by table_name",
        [schema],
    ).fetchall()
    return [name for (name,) in rows]


def _published(folder, format_):
    """Open what a link leads to now, as a reader should."""
    target = (folder / FORMATS[format_]).resolve()
    connection = duckdb.connect()
    if format_ == "duckdb":
        connection.execute(f"attach '{target}' as published (read_only)")
        names = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published'"
        ).fetchall()
        sources = {name: f'published.main."{name}"' for (name,) in names}
    else:
        sources = {file.stem: f"read_parquet('{file}')" for file in target.glob("*.parquet")}
    connection.execute("create table names (view_name varchar)")
    for name, source in sorted(sources.items()):
        connection.execute(f'create view "{name}" as from {source}')
        connection.execute("insert into names values (?)", [name])
    return connection


def _holds(connection, query):
    return connection.execute(query).fetchone() == (True,)


def _rows(connection, name, era):
    """Return the rows of a table in one order, those of a new run without what names it."""
    result = connection.execute(f'from "{name}"')
    replaced = REPLACED.get(name)
    columns = [column[0] for column in result.description]
    rows = [
        tuple(
            _told(column, value, era)
            for column, value in zip(columns, row, strict=True)
            if column not in NAMES_OF_RUNS
        )
        for row in result.fetchall()
        if not (replaced and row[columns.index(replaced[0])] == row[columns.index(replaced[1])])
    ]
    if name == "segment_builds":
        # only instants, which are not compared, tell two builds of one end of observation apart
        rows = set(rows)
    return sorted(rows, key=repr)


def _told(column, value, era):
    if isinstance(value, datetime):
        return "later" if value.replace(tzinfo=None) > era.since else value
    if column.endswith("version") and isinstance(value, int):
        return "new" if value > era.version else value
    if isinstance(value, str):
        value = THIS_RUN.sub("", value)
        return VERSION_IN_TEXT.sub(lambda match: _version(match[0], era), value)
    return value


def _version(digits, era):
    return "new" if int(digits) > era.version else digits
