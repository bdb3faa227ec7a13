"""Say where the time of the demo build goes: `python benchmarks/small.py`.

Each round builds, in turn, a project of one model that reads nothing, the demo into an empty
database, and the demo again into the same one, where nothing is fitted anew. All of it happens in
a scratch folder, as `make build` does it. Printed are the medians of the rounds: seconds of CPU by
stage, as dbt's own events tell them, and seconds on the clock. On a busy machine only the first
can be compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median

from customer_segmentation import progress

ROOT = Path(__file__).parents[1]
SELECTION = ("--exclude-resource-type", "unit_test", "--exclude", "tag:segmentation_shipped")
EMPTY = "name: empty\nversion: 0.1.0\nprofile: customer_segmentation\n"

STAGES = {
    "start": "Python starts and imports dbt",
    "parse": "dbt reads the project, and writes the manifest",
    "check": "the start-up check of the settings",
    "statements": "SQL statements, on the thread that sends them",
    "threads": "further threads of DuckDB and of the fit",
    "python": "Python models: import of scikit-learn, fit, publishing",
    "seed": "dbt around the seeds",
    "model": "dbt around the models, the snapshot with them",
    "test": "dbt around the data tests",
    "end": "results are written",
    "show": "the table of segments at the end",
}
COUNTS = {"nodes": "nodes", "tests": "data tests among them", "queries": "SQL statements"}


class Clock:
    """A listener of dbt that counts seconds of CPU by stage, and nodes and statements.

    Attributes
    ----------
    spent : Counter of stage to seconds, and of what COUNTS names.
    """

    def __init__(self):
        self.spent = Counter()
        self._told = 0.0
        self._of_thread = threading.local()

    def __call__(self, event):
        """Take one event, in the thread that it happens in."""
        match event.info.name:
            case "MainReportVersion":
                self._main("start")
            case "ConcurrencyLine":
                self._main("parse")
            case "LogHookEndLine":
                self._main("check")
            case "FinishedRunningStats":
                # what no thread of dbt has used, others have
                self._main("threads")
                self.spent["threads"] -= sum(
                    self.spent[stage] for stage in ("statements", "python", "seed", "model", "test")
                )
            case "NodeStart":
                self._of_thread.started = time.thread_time()
                self._of_thread.statements = 0.0
            case "SQLQuery":
                self.spent["queries"] += 1
                self._of_thread.asked = time.thread_time()
            case "SQLQueryStatus" if hasattr(self._of_thread, "started"):
                self._of_thread.statements += time.thread_time() - self._of_thread.asked
            case "NodeFinished":
                self._node(event.data.node_info)

    def end(self):
        """Count what is left of the process."""
        self._main("end")

    def _main(self, stage):
        now = time.process_time()
        self.spent[stage] += now - self._told
        self._told = now

    def _node(self, node):
        kind = node.resource_type
        stage = "model" if kind not in ("seed", "test") else kind
        if node.node_path.endswith(".py"):
            stage = "python"
        seconds = time.thread_time() - self._of_thread.started
        self.spent["statements"] += self._of_thread.statements
        self.spent[stage] += seconds - self._of_thread.statements
        self.spent["nodes"] += 1
        self.spent["tests"] += kind == "test"


def measured(report, arguments):
    """Run dbt in this process as `make build` does, and write to a file what it took."""
    clock = Clock()
    status = progress.main(arguments, [clock])
    clock.end()
    report.write_text(json.dumps(clock.spent))
    return status


def build(folder, project, arguments, shown):
    """Build a project in a process of its own; return seconds and counts, those on the clock too.

    Raises
    ------
    subprocess.CalledProcessError: the build failed; its output is in the error.
    """
    report = folder / "report.json"
    database = folder / "small.duckdb"
    environment = {
        **os.environ,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(ROOT),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "SEGMENTATION_DATABASE": str(database),
    }
    command = [sys.executable, Path(__file__).resolve(), "--report", report, "build", *arguments]
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    before = os.times()
    if shown:
        show = [sys.executable, "-m", "customer_segmentation.show", database]
        subprocess.run(show, cwd=folder, check=True, capture_output=True)
    after = os.times()
    seconds = json.loads(report.read_text())
    seconds["show"] = after.children_user + after.children_system
    seconds["show"] -= before.children_user + before.children_system
    seconds["cpu"] = sum(seconds.get(stage, 0) for stage in STAGES)
    seconds["clock"] = time.perf_counter() - started
    return seconds


def one_round(folder):
    """Return what each of the three builds took."""
    empty, demo = folder / "empty", folder / "demo"
    (empty / "models").mkdir(parents=True)
    (empty / "dbt_project.yml").write_text(EMPTY)
    (empty / "models" / "one.sql").write_text("select 1 as one")
    demo.mkdir()
    settings = ["--vars", (ROOT / "demo.yml").read_text(encoding="utf-8")]
    return {
        "empty project": build(empty, empty, [], False),
        "first build": build(demo, ROOT, [*SELECTION, *settings], True),
        "second build": build(demo, ROOT, [*SELECTION, *settings], True),
    }


def table(rounds):
    """Lay out the medians of the rounds as a Markdown table."""
    names = list(rounds[0])
    lines = [f"| seconds of CPU | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    rows = {**STAGES, "cpu": "in all", "clock": "seconds on the clock", **COUNTS}
    for key, words in rows.items():
        values = [median(taken[name].get(key, 0) for taken in rounds) for name in names]
        cells = [f"{value:,.0f}" if key in COUNTS else f"{value:.1f}" for value in values]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    """Print the table, or be one of its builds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    arguments, command = parser.parse_known_args()
    if arguments.report:
        return measured(arguments.report, command)
    rounds = []
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as scratch:
            rounds.append(one_round(Path(scratch)))
    print(table(rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
