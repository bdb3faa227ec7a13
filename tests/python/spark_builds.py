"""Build the package with one engine or the other, and read what it built."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import yaml
from public_tables import NOT_COMPARED, Table, public_tables, sorted_table

HERE = Path(__file__).parent
# beside the public tables: what the scores and segments come from
ALSO_COMPARED = ("customer_rfm", "rfm_cut_points", "feature_snapshot")
# Unit tests give rows in the words of one engine.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class EngineBuild:
    """The package by itself, with a database or a warehouse in a scratch folder.

    Attributes
    ----------
    root : Path. The checkout.
    scratch : Path
    target : str. Of profiles.yml: `dev` is DuckDB, `spark` is Spark.
    settings : dict. Vars of every build.
    environment : dict
    """

    root: Path
    scratch: Path
    target: str
    settings: dict
    environment: dict = field(default_factory=dict)

    @contextmanager
    def started(self, *arguments, **settings):
        """Start `dbt build` with some settings more; yields the process, which ends with this."""
        self.scratch.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "DBT_PROJECT_DIR": str(self.root),
            "DBT_PROFILES_DIR": str(self.root),
            "DBT_TARGET_PATH": str(self.scratch / "target"),
            "DBT_LOG_PATH": str(self.scratch / "logs"),
            "SEGMENTATION_DATABASE": str(self.scratch / "warehouse.duckdb"),
            "SEGMENTATION_SPARK_WAREHOUSE": str(self.scratch / "warehouse"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYTHONPATH": str(self.root / "python"),
            **self.environment,
        }
        settings = yaml.safe_dump({**self.settings, **settings})
        command = [Path(sys.executable).with_name("dbt"), "build", "--target", self.target]
        command += ["--vars", settings, *arguments]
        process = start(command, self.scratch / "said.txt", cwd=self.scratch, env=environment)
        try:
            yield process
        finally:
            kill_group(process)

    def build(self, *arguments, **settings):
        """Run `dbt build` to its end, which must be a good one."""
        with self.started(*arguments, **settings) as process:
            assert process.wait() == 0, self.said()
        return self

    def strike(self, node, *arguments, **settings):
        """Kill `dbt build`, and Spark with it, while it writes a model."""
        with self.started(*arguments, **settings):
            wait_for(self.scratch / "said.txt", f" model segmentation.{node} ..", seconds=900)
            # so that there is something half written
            time.sleep(2)

    def said(self) -> str:
        """Return what dbt said."""
        return (self.scratch / "said.txt").read_text()

    def tables(self) -> dict[str, Table]:
        """Return the public tables and those of ALSO_COMPARED, by name."""
        manifest = json.loads((self.scratch / "target" / "manifest.json").read_text())
        names = sorted({*public_tables(manifest), *ALSO_COMPARED})
        read = self._of_duckdb if self.target == "dev" else self._of_spark
        tables = {}
        for name, (columns, rows) in read(names).items():
            kept = [i for i, column in enumerate(columns) if column not in NOT_COMPARED]
            rows = [tuple(row[i] for i in kept) for row in rows]
            tables[name] = sorted_table(tuple(columns[i] for i in kept), rows)
        return tables

    def run(self, *statements):
        """Run statements of Spark's SQL in the warehouse."""
        self._python("spark_statements.py", *statements)

    def _of_duckdb(self, names):
        with duckdb.connect(self.scratch / "warehouse.duckdb", read_only=True) as connection:
            connection.execute("use segmentation")
            there = {name for (name,) in connection.execute("show tables").fetchall()}
            relations = {name: connection.table(name) for name in names if name in there}
            return {name: (table.columns, table.fetchall()) for name, table in relations.items()}

    def _of_spark(self, names):
        file = self.scratch / "tables.pickle"
        self._python("spark_tables.py", str(file), *names)
        return pickle.loads(file.read_bytes())

    def _python(self, script, *arguments):
        command = [sys.executable, str(HERE / script), str(self.scratch / "warehouse"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.scratch)


@contextmanager
def standalone_cluster(folder, workers=2):
    """Start a standalone cluster of Spark on this machine; yields its address and the workers.

    Each worker leads a group of processes: its executors belong to it.
    """
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    folder.mkdir(exist_ok=True)
    processes = []

    def launch(name, *arguments):
        command = [str(home / "bin" / "spark-class"), *arguments]
        processes.append(start(command, folder / f"{name}.txt", cwd=folder, env=environment))

    deploy = "org.apache.spark.deploy"
    launch(
        "master", f"{deploy}.master.Master", *("--host", "127.0.0.1", "--port", "0"), *WITHOUT_UI
    )
    try:
        address = "spark:" + wait_for(folder / "master.txt", "Starting Spark master at spark:")
        for number in range(workers):
            options = ("--cores", "1", "--memory", "2g", "--host", "127.0.0.1", *WITHOUT_UI)
            launch(f"worker{number}", f"{deploy}.worker.Worker", *options, address)
        for number in range(workers):
            wait_for(folder / f"worker{number}.txt", "Successfully registered with master")
        yield address, processes[1:]
    finally:
        for process in processes:
            kill_group(process)


WITHOUT_UI = ("--webui-port", "0")


def start(command, said, **where):
    """Start a command that leads a group of processes, and writes what it says into a file."""
    with said.open("w") as stream:
        return subprocess.Popen(
            command, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True, **where
        )


def wait_for(file, words, seconds=60):
    """Return what stands behind some words in a file that is being written."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for line in file.read_text().splitlines():
            if words in line:
                return line.split(words)[1].strip()
        time.sleep(0.2)
    raise TimeoutError(f"{words!r} is not in {file}: {file.read_text()}")


def kill_group(process):
    """Kill a process and all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()
