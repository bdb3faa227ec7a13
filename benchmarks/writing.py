"""Time the bare writing of the large tables of a build: `python benchmarks/writing.py DATABASE`.

Every table with customers or orders in its rows is copied into a new file of the same format. It is
what the nodes would take if their queries took nothing, their keys and checks neither.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import yaml
from process import HERE

LARGE = 100_000


def copies(database):
    """Return the seconds that the copy of each large table takes, by its name."""
    profile = yaml.safe_load((HERE.parent / "profiles.yml").read_text(encoding="utf-8"))
    output = profile["customer_segmentation"]["outputs"]["dev"]
    seconds = {}
    with (
        tempfile.TemporaryDirectory(dir=Path(database).parent) as folder,
        duckdb.connect(f"{folder}/copy.duckdb", config=output["config_options"]) as connection,
    ):
        for name, value in output["settings"].items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"attach '{database}' as built (read_only)")
        tables = connection.execute(f"""
            select table_name from duckdb_tables()
            where database_name = 'built' and schema_name = 'segmentation'
                and estimated_size >= {LARGE}
            order by table_name""").fetchall()
        for (table,) in tables:
            start = time.perf_counter()
            connection.execute(f"create table {table} as from built.segmentation.{table}")
            seconds[table] = time.perf_counter() - start
    return seconds


if __name__ == "__main__":
    print(json.dumps({"tables": copies(sys.argv[1])}))
