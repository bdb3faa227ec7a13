"""Read from and write to the database session that dbt hands to a Python model.

Nothing else in the library knows what a session or a relation is. Here they are DuckDB's: a
cursor and a lazy query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer_segmentation.training import training_from_frame

if TYPE_CHECKING:
    from customer_segmentation.training import Training


def read_training(relation, features) -> Training:
    """Read the training sample.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("training_sample")` gives it.
    features : sequence of str
    """
    return training_from_frame(relation.df(), features)


def read_chosen(relation) -> dict | None:
    """Read the chosen row of the newest model version.

    Parameters
    ----------
    relation : database relation, as `dbt.ref("segment_candidates")` gives it.

    Returns
    -------
    dict with model_version, k, reason and fingerprint; None when there are no candidates.
    """
    frame = relation.df()
    chosen = frame[frame["is_chosen"].astype(bool)].sort_values("model_version")
    if chosen.empty:
        return None
    last = chosen.iloc[-1]
    return {
        "model_version": int(last["model_version"]),
        "k": int(last["k"]),
        "reason": last["reason"],
        "fingerprint": last["fingerprint"],
    }


def read_newest(dbt, session) -> tuple[int, str | None]:
    """Read version and fingerprint of the newest rows in the table that the running model fills.

    Returns
    -------
    (int, str), or (0, None) when the table does not exist yet or is empty.
    """
    if not dbt.is_incremental:
        return 0, None
    newest = session.sql(
        f"select model_version, fingerprint from {dbt.this} order by model_version desc limit 1"
    ).fetchall()
    return newest[0] if newest else (0, None)


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
