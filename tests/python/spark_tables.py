"""Hand over the tables of a Spark warehouse: `python spark_tables.py WAREHOUSE FILE TABLE ...`.

A process of its own, since a warehouse belongs to one at a time and Spark keeps it to its end.
"""

import pickle
import sys

from pyspark.sql import Row, SparkSession


def plain(value):
    """Return a value as DuckDB would hand it over: a record is a dict."""
    if isinstance(value, Row):
        return {name: plain(field) for name, field in value.asDict().items()}
    return [plain(element) for element in value] if isinstance(value, list) else value


def session_on(warehouse):
    """Return a session on a warehouse that a build has left."""
    metastore = f"jdbc:derby:;databaseName={warehouse}/metastore"
    return (
        SparkSession.builder.enableHiveSupport()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", warehouse)
        .config("spark.hadoop.javax.jdo.option.ConnectionURL", metastore)
        .getOrCreate()
    )


def main(warehouse, file, *names):
    """Write the columns and rows of each table that there is."""
    session = session_on(warehouse)
    tables = {}
    for name in names:
        table = f"segmentation.{name}"
        if session.catalog.tableExists(table):
            frame = session.table(table)
            tables[name] = (
                frame.columns,
                [tuple(plain(value) for value in row) for row in frame.collect()],
            )
    with open(file, "wb") as stream:
        pickle.dump(tables, stream)


if __name__ == "__main__":
    main(*sys.argv[1:])
