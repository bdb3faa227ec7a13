"""Read from and write to the database session that dbt hands to a Python model.

Nothing else in the library knows what a session or a relation is. Here they are DuckDB's: a
cursor and a lazy query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation import publishing
from customer_segmentation.registry import History, Run
from customer_segmentation.rules import Feature
from customer_segmentation.suppression import CELLS, hidden_cells
from customer_segmentation.training import training_from_frame

if TYPE_CHECKING:
    from customer_segmentation.training import Training


def read_frame(relation):
    """Read a whole relation, as `dbt.ref` gives it, as a DataFrame."""
    return relation.df()


def read_training(relation, features) -> Training:
    """Read the training sample.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("training_sample")` gives it.
    features : sequence of str
    """
    return training_from_frame(relation.df(), features)


def read_run(relation) -> Run | None:
    """Read what was decided for the newest run.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("segmentation_runs")` gives it.
    """
    newest = (
        relation.order("run_at desc, model_version desc")
        .limit(1)
        .project("model_version, is_refit")
        .fetchall()
    )
    return Run(*newest[0]) if newest else None


def read_chosen(relation) -> dict | None:
    """Read the chosen row of the newest model version.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("segment_candidates")` gives it.

    Returns
    -------
    dict with model_version, algorithm, k, reason, fingerprint and silhouette, which is None where
    it is not defined; None without candidates.
    """
    chosen = (
        relation.filter("is_chosen")
        .order("model_version desc")
        .limit(1)
        .project("model_version, algorithm, k, reason, fingerprint, silhouette")
    )
    rows = chosen.fetchall()
    return dict(zip(chosen.columns, rows[0], strict=True)) if rows else None


def read_newest_version(dbt, session) -> int:
    """Read the newest version in the table that the running model fills; 0 when there is none."""
    if not dbt.is_incremental:
        return 0
    return session.sql(f"select coalesce(max(model_version), 0) from {dbt.this}").fetchall()[0][0]


def read_history(dbt, session, table="segment_model") -> History:
    """Read what the registry holds, in the schema of the running model.

    Parameters
    ----------
    table : str. Name of the registry there. The candidates come before it in a run, so that they
        cannot ask dbt for it.
    """
    exists = session.execute(
        "select count(*) from information_schema.tables "
        "where table_catalog = ? and table_schema = ? and table_name = ?",
        [dbt.this.database, dbt.this.schema, table],
    ).fetchall()[0][0]
    if not exists:
        return History()
    registry = f'"{dbt.this.database}"."{dbt.this.schema}"."{table}"'
    newest = session.sql(f"select * from {registry} order by model_version desc limit 1")
    row = newest.fetchall()
    if not row:
        return History()
    highest = session.sql(f"select max(list_max(prototype_segment_id)) from {registry}").fetchall()[
        0
    ][0]
    return History(dict(zip(newest.columns, row[0], strict=True)), highest)


def read_rule_features(relation) -> list[Feature]:
    """Read the features that rules may speak about.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("rule_features")` gives it.
    """
    rows = relation.project("feature, place, reading, has_nulls, levels").fetchall()
    return [
        Feature(name, place, reading, has_nulls, None if levels is None else tuple(levels))
        for name, place, reading, has_nulls, levels in rows
    ]


def read_rule_sample(relation, features):
    """Read the customers that rules are learnt from, in one order whatever that of the rows.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("rule_sample")` gives it.
    features : sequence of Feature

    Returns
    -------
    (dict of feature name to ndarray of shape (n,), ndarray of shape (n,), int): numbers with NaN,
    or texts with None for a null; and the segments.
    """
    rows = relation.order("customer_id").project("segment_id, numbers, texts").fetchall()
    values = {}
    for feature in features:
        held, kind = (1, float) if feature.levels is None else (2, object)
        values[feature.name] = np.array([row[held][feature.place - 1] for row in rows], dtype=kind)
    return values, np.array([row[0] for row in rows], dtype=int)


def read_moments(relation):
    """Read means and covariances.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("map_moments")` gives it.

    Returns
    -------
    (ndarray of shape (d,), ndarray of shape (d, d)), float; d is 0 without customers.
    """
    rows = relation.project("place, other_place, mean, covariance").fetchall()
    size = max((row[0] for row in rows), default=0)
    mean, covariance = np.zeros(size), np.zeros((size, size))
    for place, other_place, value, product in rows:
        mean[place - 1] = value if place == other_place else mean[place - 1]
        covariance[place - 1, other_place - 1] = covariance[other_place - 1, place - 1] = product
    return mean, covariance


def publish(session, relations, forgotten, options, package_version) -> list[dict]:
    """Publish relations of one run.

    Parameters
    ----------
    session : DuckDB cursor. The files are written by another one of the same database: a
        transaction of DuckDB writes to one database only, and dbt's writes to its own.
    relations : callable. Returns a dict of table name to database relation, `segments` among them.
    forgotten : callable. Returns the database relation of the customers that no version may hold.
    options : publishing.Options
    package_version : str

    Returns
    -------
    list of dict, as publishing.publish() gives them; empty without a path, and for `--empty` runs,
    which have no customer.

    Raises
    ------
    ValueError: a table is not there, as is the snapshot where nothing but `dbt run` was ever run.
    """
    # like dbt itself, only here is DuckDB at hand for certain
    import duckdb

    if options.path is None:
        return []
    try:
        relations = relations()
        forgotten = [id_ for (id_,) in forgotten().fetchall()]
    except duckdb.CatalogException as error:
        raise ValueError(
            f"segmentation_publish_path is {options.path}, but a table to publish is not there "
            f"({str(error).splitlines()[0]}): run `dbt build`, which makes the snapshot too, or "
            "set segmentation_publish_path to null."
        ) from error
    run = relations["segments"].aggregate("max(model_version), max(as_of), count(*)").fetchall()[0]
    if run[2] == 0:
        return []
    run_at = relations["segmentation_runs"].aggregate("max(run_at)").fetchall()[0][0]
    facts = {
        "run_at": run_at,
        "as_of": run[1],
        "model_version": run[0],
        "package_version": package_version,
    }
    selects = {name: relation.sql_query() for name, relation in relations.items()}
    if options.min_cell:
        for name, cells in CELLS.items():
            selects[name] = hidden_cells(
                *(selects[name], relations[name].columns, cells, options.min_cell),
                selects["segments"],
            )
    with session.cursor() as cursor:
        return publishing.publish(cursor, selects, options, facts, forgotten)


def to_relation(session, name, columns, rows):
    """Return rows as a typed relation that dbt can append to a table.

    Parameters
    ----------
    session : DuckDB cursor
    name : str. Name of the model; the rows wait in a temporary table named after it.
    columns : dict of column name to SQL type, in the order of the table.
    rows : list of dict; a column that a row does not have is null.

    Returns
    -------
    database relation with exactly these columns and types, also without rows.
    """
    table = f"{name}__fitted"
    declarations = ", ".join(f"{column} {type_}" for column, type_ in columns.items())
    session.execute(f"create or replace temp table {table} ({declarations})")
    for row in rows:
        session.execute(
            f"insert into {table} values ({', '.join('?' for _ in columns)})",
            [row.get(column) for column in columns],
        )
    return session.table(table)
