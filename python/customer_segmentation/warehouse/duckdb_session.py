"""The session of DuckDB that dbt hands to a Python model: a cursor, and lazy queries."""

from __future__ import annotations

from customer_segmentation import publishing
from customer_segmentation.suppression import CELLS, hidden_cells


def frame(relation):
    """Return a whole relation as a DataFrame."""
    return relation.df()


def rows(relation, columns, *, order_by=(), is_descending=False, limit=None):
    """Return rows as tuples of Python values; lists are lists, and structs are dicts."""
    if order_by:
        direction = " desc" if is_descending else ""
        relation = relation.order(", ".join(f"{column}{direction}" for column in order_by))
    if limit is not None:
        relation = relation.limit(limit)
    return relation.project(", ".join(f'"{column}"' for column in columns)).fetchall()


def table(session, this, name=None):
    """Return a table in the schema of the running model, the model's own without a name; or None.

    Parameters
    ----------
    this : `dbt.this`
    """
    place = [this.database, this.schema, name or this.identifier]
    exists = session.execute(
        "select count(*) from information_schema.tables "
        "where table_catalog = ? and table_schema = ? and table_name = ?",
        place,
    ).fetchall()[0][0]
    if not exists:
        return None
    return session.sql("select * from " + ".".join(f'"{part}"' for part in place))


def publish(session, relations, forgotten, options, package_version):
    """Publish relations of one run; see warehouse.publish().

    The files are written by another cursor of the same database: a transaction of DuckDB writes to
    one database only, and dbt's writes to its own.
    """
    # like dbt itself, only here is DuckDB at hand for certain
    import duckdb

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
    """Return rows as a typed relation; see warehouse.to_relation().

    They wait in a temporary table named after the model.
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
