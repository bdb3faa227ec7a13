"""Plugin of dbt-duckdb that keeps what DuckDB's profiler says of every statement of a build.

DuckDB would write each profile over the last one, so each is fetched before the next statement. A
profile is complete only when the rows of its statement have been read, and that is then.
"""

import json
import os

from dbt.adapters.duckdb.environments.local import DuckDBConnectionWrapper, DuckDBCursorWrapper
from dbt.adapters.duckdb.plugins import BasePlugin


def node_of(statement):
    """Return the node that dbt names in the comment before each statement: a JSON."""
    comment = statement.partition("*/")[0].partition("/*")[2].strip()
    return json.loads(comment).get("node_id", "dbt") if comment.startswith("{") else "dbt"


def scans(profile):
    """Yield the scans of files in a profile, each with its files, columns and row groups."""
    waiting = list(profile.get("operator", []))
    while waiting:
        operator = waiting.pop()
        waiting += operator.get("children", [])
        if operator.get("row_groups_scanned") and "Filename(s)" in operator.get("extra_info", {}):
            yield {
                "files": operator["extra_info"]["Filename(s)"],
                "columns": operator["extra_info"].get("Projections", []),
                "row_groups": operator["row_groups_scanned"],
            }


def _keep(wrapper):
    """Write down what the last statement of a cursor scanned."""
    profile = json.loads(wrapper._cursor.get_profiling_information("json"))
    with open(os.environ["BENCHMARK_SCANS"], "a", encoding="utf-8") as file:
        for scan in scans(profile):
            print(json.dumps({"node": wrapper.benchmark_node, **scan}), file=file)


def _execute(wrapper, sql, bindings=None, original=DuckDBCursorWrapper.execute):
    _keep(wrapper)
    wrapper.benchmark_node = node_of(sql)
    return original(wrapper, sql, bindings)


def _close(connection, original=DuckDBConnectionWrapper.close):
    _keep(connection._cursor)
    return original(connection)


class Plugin(BasePlugin):
    """Watch what dbt runs, from the first connection on."""

    def initialize(self, plugin_config):
        """Put the watch into dbt-duckdb's own cursor and connection."""
        DuckDBCursorWrapper.benchmark_node = "dbt"
        DuckDBCursorWrapper.execute = _execute
        DuckDBConnectionWrapper.close = _close

    def configure_cursor(self, cursor):
        """Switch the profiler on, and let it print nothing."""
        cursor.execute("set enable_profiling = 'no_output'")
