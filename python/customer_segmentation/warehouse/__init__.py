"""Read from and write to the database session that dbt hands to a Python model.

Nothing else in the library knows what a session or a relation is: a cursor and a lazy query of
DuckDB (`duckdb_session`), or a session and a data frame of Spark (`spark_session`). Both modules
have the same functions, with the same values in what they return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from customer_segmentation.registry import History, Run
from customer_segmentation.rules import Feature
from customer_segmentation.training import training_from_frame
from customer_segmentation.warehouse import duckdb_session, spark_session

if TYPE_CHECKING:
    from customer_segmentation.training import Training


def _engine(thing):
    """Return the module for a session or a relation."""
    is_of_spark = type(thing).__module__.split(".")[0] == "pyspark"
    return spark_session if is_of_spark else duckdb_session


def read_frame(relation):
    """Read a whole relation, as `dbt.ref` gives it, as a DataFrame."""
    return _engine(relation).frame(relation)


def read_training(relation, features) -> Training:
    """Read the training sample.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("training_sample")` gives it.
    features : sequence of str
    """
    return training_from_frame(read_frame(relation), features)


def read_run(relation) -> Run | None:
    """Read what was decided for the newest run.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("segmentation_runs")` gives it.
    """
    newest = _newest(relation, ("model_version", "is_refit"), by=("run_at", "model_version"))
    return Run(*newest) if newest else None


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
    columns = ("model_version", "algorithm", "k", "reason", "fingerprint", "silhouette")
    newest = _newest(relation.filter("is_chosen"), columns)
    return dict(zip(columns, newest, strict=True)) if newest else None


def read_newest_version(dbt, session) -> int:
    """Read the newest version in the table that the running model fills; 0 when there is none."""
    if not dbt.is_incremental:
        return 0
    newest = _newest(_engine(session).table(session, dbt.this), ("model_version",))
    return newest[0] if newest else 0


def read_history(dbt, session, table="segment_model") -> History:
    """Read what the registry holds, in the schema of the running model.

    Parameters
    ----------
    table : str. Name of the registry there. The candidates come before it in a run, so that they
        cannot ask dbt for it.
    """
    registry = _engine(session).table(session, dbt.this, table)
    newest = _newest(registry, registry.columns) if registry is not None else None
    if not newest:
        return History()
    ids = _engine(registry).rows(registry, ("prototype_segment_id",))
    highest = max(max(of_version) for (of_version,) in ids)
    return History(dict(zip(registry.columns, newest, strict=True)), highest)


def read_rule_features(relation) -> list[Feature]:
    """Read the features that rules may speak about.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("rule_features")` gives it.
    """
    rows = _engine(relation).rows(relation, ("feature", "place", "reading", "has_nulls", "levels"))
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
    rows = _engine(relation).rows(
        relation, ("segment_id", "numbers", "texts"), order_by=("customer_id",)
    )
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
    rows = _engine(relation).rows(relation, ("place", "other_place", "mean", "covariance"))
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
    session : database session
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
    ValueError: a table is not there, as is the snapshot where nothing but `dbt run` was ever run;
        or there is a path, and the database is none to publish from.
    """
    if options.path is None:
        return []
    return _engine(session).publish(session, relations, forgotten, options, package_version)


def to_relation(session, name, columns, rows):
    """Return rows as a typed relation that dbt can append to a table.

    Parameters
    ----------
    session : database session
    name : str. Name of the model.
    columns : dict of column name to SQL type, in the order of the table.
    rows : list of dict; a column that a row does not have is null.

    Returns
    -------
    database relation with exactly these columns and types, also without rows.
    """
    return _engine(session).to_relation(session, name, columns, rows)


def _newest(relation, columns, by=("model_version",)):
    """Return the columns of the row with the highest values, or None without rows."""
    rows = _engine(relation).rows(relation, columns, order_by=by, is_descending=True, limit=1)
    return rows[0] if rows else None
