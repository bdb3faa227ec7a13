"""A real `dbt build` in a process of its own, followed node by node from outside."""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from threading import Condition, Thread

# What a node says at its start, and at its end.
EVENTS = {
    "LogStartLine": "start",
    **dict.fromkeys(("LogModelResult", "LogSnapshotResult", "LogSeedResult"), "end"),
    **dict.fromkeys(("LogTestResult", "LogNodeResult"), "end"),
}
# A build takes less than half a minute: whatever hangs longer is ended, as an operator would.
PATIENCE_SECONDS = 240

# Half of the time of a small build goes to imports. Each build is a process of its own, forked from
# one that has imported all that dbt and the package import, and has done nothing else.
BUILDS = get_context("forkserver")
BUILDS.set_forkserver_preload(
    ["dbt.cli.main", "dbt.adapters.duckdb", "pandas", "customer_segmentation.registry"]
)


@dataclass(frozen=True)
class Moment:
    """When a fault strikes.

    Attributes
    ----------
    kind : str. `start` or `end` of a node, `at` once, `after` so many seconds of work on nodes, or
        one of a file: `seen` when a name matches in the folder that is published to, `linked`
        when the link leads elsewhere.
    what : str or float. Name of the node, `once`, seconds, pattern, or name of the link.
    """

    kind: str
    what: str | float

    def __str__(self):
        """Return it as the table of faults has it."""
        if self.kind == "after":
            return f"after {self.what:.1f} s"
        if self.kind == "at":
            return "at once"
        if self.kind in EVENTS.values():
            return f"{self.kind} of {self.what}"
        return f"{self.what} {self.kind}"


class FollowedBuild:
    """A build that runs.

    Parameters
    ----------
    project : Project
    selection : sequence of str. Arguments of `dbt build`.

    Attributes
    ----------
    process : multiprocessing.Process
    events : list of (str, str): `start` or `end`, and the name of the node.
    kinds : dict of the name of a node that has begun to `model`, `test`, `snapshot` or `seed`.
    said : list of str. Its errors, and what it printed without being asked.
    """

    def __init__(self, project, selection):
        self.events, self.kinds, self.said = [], {}, []
        self._published = project.scratch / "published"
        self._names_before = set(_names(self._published))
        self._links = {path: os.readlink(path) for path in _links(self._published)}
        self._news = Condition()
        self._ended = False
        self._started = self._stopped = None
        arguments = project.arguments(
            *("--log-format", "json", "--log-level-file", "none", "build", *selection)
        )
        # Handed over with the start itself: a build that is killed at once would never fetch it,
        # and whoever reads would wait for its end for ever.
        reading, writing = BUILDS.Pipe(duplex=False)
        self.process = BUILDS.Process(
            target=_run_dbt,
            args=(arguments, str(project.scratch), project.variables(), writing),
        )
        self.process.start()
        writing.close()
        self._reader = Thread(target=self._read, args=(reading,), daemon=True)
        self._reader.start()

    def wait_for(self, moment) -> bool:
        """Wait for a moment, and return whether it came before the build ended."""
        if moment.kind in EVENTS.values():
            with self._news:
                self._news.wait_for(
                    lambda: self._ended or (moment.kind, moment.what) in self.events,
                    PATIENCE_SECONDS,
                )
        elif moment.kind == "after":
            with self._news:
                self._news.wait_for(lambda: self._ended or self.events, PATIENCE_SECONDS)
                self._news.wait_for(lambda: self._ended, max(moment.what - self.seconds(), 0))
        elif moment.kind != "at":
            has_come = {"seen": self._has_appeared, "linked": self._leads_elsewhere}[moment.kind]
            while not self._ended and not has_come(moment.what):
                # short, for some of what is waited for lasts a millisecond
                time.sleep(0.0002)
        return self.process.is_alive()

    def finish(self) -> int | None:
        """Wait for its end, and return its exit code; None stands for one that had to be ended."""
        self.process.join(PATIENCE_SECONDS)
        hangs = self.process.is_alive()
        if hangs:
            self.process.kill()
            self.process.join()
        self._reader.join()
        return None if hangs else self.process.exitcode

    def seconds(self) -> float:
        """Return how long it has worked on nodes, or had when it ended."""
        return (self._stopped or time.monotonic()) - self._started if self._started else 0.0

    def _has_appeared(self, pattern):
        return any(
            Path(name).match(pattern)
            for name in _names(self._published)
            if name not in self._names_before
        )

    def _leads_elsewhere(self, name):
        with suppress(OSError):
            link = self._published / name
            return os.readlink(link) != self._links.get(link)
        return False

    def _read(self, pipe):
        with pipe, os.fdopen(os.dup(pipe.fileno())) as output:
            for line in output:
                try:
                    event = json.loads(line)
                    self._take(event["info"], event["data"])
                except (ValueError, TypeError, KeyError):
                    self.said.append(line.strip())
        with self._news:
            self._ended, self._stopped = True, time.monotonic()
            self._news.notify_all()

    def _take(self, info, data):
        if info["level"] == "error":
            self.said.append(info["msg"].strip())
        if info["name"] in EVENTS:
            node = data["node_info"]
            with self._news:
                self._started = self._started or time.monotonic()
                self.kinds.setdefault(node["node_name"], node["resource_type"])
                self.events.append((EVENTS[info["name"]], node["node_name"]))
                self._news.notify_all()


def _run_dbt(arguments, folder, variables, output):
    """Do in a new process what the command `dbt` does."""
    # a shell that runs the campaign in the background has it ignored, and so would every build
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # as `make build` does: what dbt makes lives until the process ends
    gc.freeze()
    gc.disable()
    for standard in (1, 2):
        os.dup2(output.fileno(), standard)
    output.close()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["dbt", *arguments]
    from dbt.cli.main import cli

    try:
        cli()
    finally:
        # a process of this kind ends without what Python does at its end: close the database
        atexit._run_exitfuncs()
        gc.collect()


def _names(folder):
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _links(folder):
    return [folder / name for name in _names(folder) if (folder / name).is_symlink()]
