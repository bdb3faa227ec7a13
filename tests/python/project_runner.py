"""Run real dbt projects in scratch folders, and read the tables that they build."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import yaml

if TYPE_CHECKING:
    import pandas as pd

PROJECTS = Path(__file__).parents[1] / "projects"

# A build costs more in the tests of the package than in its models: where the tables are compared
# with something stronger, those tests are left out.
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
UP_TO_AUDIT = ("--select", "+transaction_audit", "rejected_transactions", *WITHOUT_TESTS)
UP_TO_FEATURES = ("--select", "+feature_snapshot", *WITHOUT_TESTS)
DESCRIPTIONS = ("+segment_attribute_profiles", "+segment_engagement", "+prospects", "event_audit")
DESCRIBED = ("--select", *DESCRIPTIONS, "rejected_transactions", *WITHOUT_TESTS)
# `+segments` would select the folder of that name too, which holds twice as many models.
UP_TO_SEGMENTS = ("--select", "+file:segments.sql", *WITHOUT_TESTS)


@dataclass(frozen=True)
class Project:
    """A dbt project, and one scratch folder that its builds write to.

    Attributes
    ----------
    folder : Path. Holds dbt_project.yml; several scratch folders may share it.
    scratch : Path. Holds database, profile, target and logs.
    schema : str. Schema of the package's tables.
    settings : dict. Vars given on the command line of every run.
    environment : dict. Environment variables of every run, beyond those of this process.
    programs : Path. Folder of the program `dbt`; the environment of these tests, if not another.
    """

    folder: Path
    scratch: Path
    schema: str
    settings: dict
    environment: dict
    programs: Path = Path(sys.executable).parent

    @property
    def database(self) -> Path:
        """Return the path of the DuckDB file."""
        return self.scratch / "warehouse.duckdb"

    def variant(self, name, settings=(), environment=(), **engine) -> Project:
        """Return the same project with a database of its own and some other settings.

        Parameters
        ----------
        name : str. Name of the scratch folder.
        settings, environment : mapping. Added to those of this project.
        engine : DuckDB settings, such as `threads=1` or `TimeZone="UTC"`.
        """
        scratch = self.scratch.parent / name
        scratch.mkdir()
        (profile,) = read_yaml(self.folder / "profiles.yml").items()
        output = profile[1]["outputs"]["dev"]
        output["settings"] = {**output.get("settings", {}), **engine}
        (scratch / "profiles.yml").write_text(yaml.safe_dump(dict([profile])))
        if not (settings or environment or engine) and self.database.exists():
            # dbt need not parse again what it has parsed with the same settings.
            shutil.copytree(self.scratch / "target", scratch / "target")
        return replace(
            self,
            scratch=scratch,
            settings=self.settings | dict(settings),
            environment=self.environment | dict(environment),
        )

    def dbt(self, *arguments) -> subprocess.CompletedProcess:
        """Run dbt, and return its exit code and everything it printed."""
        return subprocess.run(
            [self.programs / "dbt", *self.arguments(*arguments)],
            cwd=self.scratch,
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def arguments(self, *arguments) -> list[str]:
        """Return the command line of dbt."""
        return ["--no-use-colors", *arguments, "--vars", json.dumps(self.settings)]

    def variables(self) -> dict[str, str]:
        """Return the environment of dbt."""
        return {
            **os.environ,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_PROJECT_DIR": str(self.folder),
            "DBT_PROFILES_DIR": str(self.scratch),
            "DBT_TARGET_PATH": str(self.scratch / "target"),
            "DBT_LOG_PATH": str(self.scratch / "logs"),
            "SEGMENTATION_DATABASE": str(self.database),
            **self.environment,
        }

    def build(self, *arguments) -> Project:
        """Run `dbt build`, and fail with its output unless all of it is green."""
        outcome = self.dbt("build", *arguments)
        assert outcome.returncode == 0, outcome.stdout
        return self

    def rows(self, query) -> list[tuple]:
        """Return the result of a query on the built tables of the package, decimals exact."""
        with self._connect() as connection:
            return connection.execute(query).fetchall()

    def value(self, query):
        """Return the only value of a query, a decimal exactly."""
        ((value,),) = self.rows(query)
        return value

    def frame(self, query) -> pd.DataFrame:
        """Return the result of a query on the built tables of the package, decimals as floats."""
        with self._connect() as connection:
            return connection.execute(query).df()

    def csv(self) -> bytes:
        """Return the table `segments` as a CSV file, sorted by customer."""
        rows = self.rows("select columns(*)::varchar from segments order by customer_id")
        return "\n".join(",".join(value or "" for value in row) for row in rows).encode()

    def _connect(self):
        connection = duckdb.connect(str(self.database), read_only=True)
        connection.execute(f"use {self.schema}")
        # what a view reads by a relative path lies in the scratch folder
        connection.execute(f"set file_search_path = '{self.scratch}'")
        return connection

    def manifest(self) -> dict:
        """Return what dbt knows about the project after a run."""
        return json.loads((self.scratch / "target" / "manifest.json").read_text())

    def results(self) -> dict:
        """Return the status of every node of the last run, by its unique id."""
        results = json.loads((self.scratch / "target" / "run_results.json").read_text())
        return {result["unique_id"]: result["status"] for result in results["results"]}


def read_yaml(path) -> dict:
    """Return the content of a yml file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def install(name, checkout, folder, schema) -> Project:
    """Copy a project from tests/projects, and run `dbt deps` there.

    Parameters
    ----------
    name : str. Folder under tests/projects.
    checkout : Path. The package to install, in place of the relative path in packages.yml.
    folder : Path. An empty folder for the copy and for the scratch folders of its variants.
    schema : str. Schema that the package's tables will have.
    """
    copy = folder / "project"
    shutil.copytree(PROJECTS / name, copy)
    packages = read_yaml(copy / "packages.yml")
    assert packages == {"packages": [{"local": "../../.."}]}
    (copy / "packages.yml").write_text(yaml.safe_dump({"packages": [{"local": str(checkout)}]}))
    project = Project(copy, folder / "unused", schema, {}, {}).variant("installed")
    outcome = project.dbt("deps")
    assert outcome.returncode == 0, outcome.stdout
    return project


def by_itself(checkout, folder) -> Project:
    """Return the package itself on its demo data, as `make build` runs it."""
    settings = read_yaml(checkout / "demo.yml")
    return Project(checkout, folder / "unused", "segmentation", settings, {}).variant("demo")


def together(*runs) -> list:
    """Call functions without arguments two at a time, and return their results in order.

    Starting dbt keeps one core busy and leaves the other idle: two at a time take little longer
    than one.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        return [future.result() for future in [pool.submit(run) for run in runs]]
