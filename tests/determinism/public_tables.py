"""Compare the public tables of two builds, value by value and bit by bit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import isnan

# What names a run and not its result, by the columns' names in whatever public table. Nothing else
# is left out of the comparison.
NOT_COMPARED = {
    "run_id": "dbt draws one for each run",
    "run_at": "when the run began",
    "from_run_at": "when the earlier of two runs began",
    "to_run_at": "when the later of two runs began",
    "fitted_at": "when the model was fitted",
    "dbt_updated_at": "the snapshot's name for run_at",
    "dbt_valid_from": "the run_at of the run from which on a row held",
    "dbt_valid_to": "the run_at of the run from which on it did not",
    "dbt_scd_id": "a digest of the key and of run_at",
}


@dataclass(frozen=True)
class Table:
    """The rows of a table in an order that depends on nothing but their values.

    Attributes
    ----------
    columns : tuple of str. The compared ones.
    rows : list of tuple.
    """

    columns: tuple[str, ...]
    rows: list[tuple]

    @property
    def digest(self) -> str:
        """Return a digest of all values: equal if and only if the tables are, to the last bit."""
        # Python writes a float with as many digits as tell it from all others.
        text = repr((self.columns, self.rows))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Difference:
    """How far a table is from the same table of another build.

    Attributes
    ----------
    table : str
    rows : int. Rows that differ, those that only one of the two has included.
    relative : float. Largest difference of two floats, as a share of the larger one.
    columns : tuple of str. Columns of floats that differ.
    others : tuple of str. Columns in which something else than floats differs: a count, a name, a
        segment. `(rows)` stands for another number of rows.
    """

    table: str
    rows: int
    relative: float
    columns: tuple[str, ...]
    others: tuple[str, ...]


def public_tables(manifest) -> list[str]:
    """Return the names of the public models and of the snapshots of the package, sorted."""
    return sorted(
        node["name"]
        for node in manifest["nodes"].values()
        if node["package_name"] == "customer_segmentation"
        and (
            node["resource_type"] == "snapshot"
            or (node["resource_type"] == "model" and node["config"]["access"] == "public")
        )
    )


def read_tables(project) -> dict[str, Table]:
    """Return the public tables of a built project, by name; those that were not built are none."""
    columns = {}
    for table, column in project.rows(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = current_schema() order by table_name, ordinal_position"
    ):
        columns.setdefault(table, []).append(column)
    tables = {}
    for name in public_tables(project.manifest()):
        compared = tuple(column for column in columns.get(name, ()) if column not in NOT_COMPARED)
        if compared:
            rows = project.rows(f"select {', '.join(compared)} from {name}")
            tables[name] = sorted_table(compared, rows)
    return tables


def sorted_table(columns, rows) -> Table:
    """Return a table of these rows, in the order of their values."""
    return Table(columns, sorted(rows, key=_place))


def differences(tables, others) -> list[Difference]:
    """Return the tables that are not equal to those of another build, with the size of it."""
    assert tables.keys() == others.keys()
    return [
        _difference(name, tables[name], others[name])
        for name in tables
        if tables[name].digest != others[name].digest
    ]


def _difference(name, one, other):
    assert one.columns == other.columns, name
    differing, relative = abs(len(one.rows) - len(other.rows)), 0.0
    floats, others = set(), {"(rows)"} if differing else set()
    for row, twin in zip(one.rows, other.rows, strict=False):
        if repr(row) == repr(twin):
            continue
        differing += 1
        for column, value, counterpart in zip(one.columns, row, twin, strict=True):
            if repr(value) == repr(counterpart):
                continue
            distance = _distance(value, counterpart)
            if distance is None:
                others.add(column)
            else:
                floats.add(column)
                relative = max(relative, distance)
    return Difference(name, differing, relative, tuple(sorted(floats)), tuple(sorted(others)))


def _distance(value, counterpart):
    """Return the largest relative difference of two values, None if it is one of no float."""
    if isinstance(value, float) and isinstance(counterpart, float):
        if repr(value) == repr(counterpart):
            return 0.0
        if isnan(value) or isnan(counterpart):
            return None
        return abs(value - counterpart) / (max(abs(value), abs(counterpart)) or 1.0)
    if isinstance(value, dict) and isinstance(counterpart, dict):
        value, counterpart = list(value.items()), list(counterpart.items())
    if isinstance(value, list | tuple) and isinstance(counterpart, list | tuple):
        if len(value) != len(counterpart):
            return None
        pairs = zip(value, counterpart, strict=True)
        found = [_distance(*pair) for pair in pairs]
        return None if None in found else max(found, default=0.0)
    return 0.0 if value == counterpart else None


def _place(row):
    """Return what a row is sorted by: what is no float first, for floats are what may differ."""
    texts = [repr(value) for value in row]
    has_float = [_has_float(value) for value in row]
    return (
        [text for text, is_last in zip(texts, has_float, strict=True) if not is_last],
        [text for text, is_last in zip(texts, has_float, strict=True) if is_last],
    )


def _has_float(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(_has_float(part) for part in value)
    return isinstance(value, float)
