"""The models as dbt compiled them, run in a database in memory on one small table after another.

A build costs seconds, most of them dbt's own; the statements alone cost a tenth of one. That makes
room for hundreds of tables that nobody has thought of.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from project_runner import Project


class This(str):
    """The name of a table, as dbt hands it to a Python model."""

    database, schema, identifier = "", "", ""


class CompiledModels:
    """What leads from the lines to one model, in order.

    Parameters
    ----------
    manifest : Manifest of dbt, compiled.
    project : Project. Holds the seeds that the models read, in its database.
    target : str. Name of the last model.
    """

    def __init__(self, manifest, project: Project, target):
        self.schema = project.schema
        self.views = set()
        self.session = duckdb.connect()
        self.session.execute("set TimeZone = 'UTC'")
        self.session.execute("set threads = 1")
        self.session.execute("attach ':memory:' as warehouse")
        self.session.execute(f"create schema warehouse.{self.schema}")
        self.session.execute(f"use warehouse.{self.schema}")
        self.session.execute(f"attach '{project.database}' as built (read_only)")
        self.nodes = _in_order(manifest.nodes, f"model.customer_segmentation.{target}")
        for node in self.nodes:
            if node.resource_type == "seed":
                self.session.execute(
                    f"create table {node.relation_name} as "
                    f"from built.{node.schema}.{node.identifier}"
                )
        self.session.execute("detach built")

    def run(self, lines, columns) -> None:
        """Run every model on a table of lines, all of it text.

        Parameters
        ----------
        lines : list of tuple of str; None is null.
        columns : list of str
        """
        declared = ", ".join(f"{column} varchar" for column in columns)
        self.session.execute(f"create or replace table lines ({declared})")
        marks = ", ".join("?" for _ in columns)
        if lines:
            self.session.executemany(f"insert into lines values ({marks})", lines)
        for node in self.nodes:
            if node.config.materialized == "incremental":
                # the Python models look for earlier versions by themselves
                self.session.execute(f"drop table if exists {node.relation_name}")
        for node in self.nodes:
            is_view = node.config.materialized == "view"
            if node.resource_type == "seed" or (is_view and node.name in self.views):
                continue
            if node.language == "python":
                relation = self._fitted(node)
                self.session.execute(
                    f"create or replace table {node.relation_name} as from relation"
                )
                del relation
                continue
            kind = "view" if is_view else "table"
            self.views |= {node.name} if is_view else set()
            statement = node.compiled_code.replace("read_parquet('lines.parquet')", "lines")
            self.session.execute(f"create or replace {kind} {node.relation_name} as {statement}")

    def rows(self, query) -> list[tuple]:
        """Return the result of a query on the tables of the last run."""
        return self.session.execute(query).fetchall()

    def _fitted(self, node):
        path = Path(__file__).parents[2] / node.original_file_path
        spec = importlib.util.spec_from_file_location(node.name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        this = This(node.relation_name)
        this.database, this.schema, this.identifier = "warehouse", self.schema, node.name
        dbt = SimpleNamespace(
            ref=lambda name: self.session.table(name),
            this=this,
            is_incremental=False,
            config=SimpleNamespace(get=lambda key: getattr(node.config, key)),
        )
        return module.model(dbt, self.session)


def _in_order(nodes, target):
    """Return the nodes that lead to a model, each after those that it reads."""
    ordered, seen = [], set()

    def visit(unique_id):
        if unique_id in seen or unique_id not in nodes:
            return
        seen.add(unique_id)
        # a seed depends on macros only
        for parent in getattr(nodes[unique_id].depends_on, "nodes", []):
            visit(parent)
        ordered.append(nodes[unique_id])

    visit(target)
    return ordered
