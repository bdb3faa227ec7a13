"""A real `dbt build` in a process of its own, followed node by node from outside."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread

# The tests of the package belong to a build, since they decide about publishing. Those that look at
# the package and not at what is built do not.
ARGUMENTS = (
    *("--log-format", "json", "--log-level", "debug", "--log-level-file", "none", "build"),
    *("--exclude-resource-type", "unit_test", "--exclude", "tag:segmentation_shipped"),
)
EVENTS = {"NodeStart": "start", "NodeFinished": "end"}
# A build takes less than half a minute: whatever hangs longer is ended, as an operator would.
PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Moment:
    """When a fault strikes.

    Attributes
    ----------
    kind : str. `start` or `end` of a node, `after` so many seconds, or one of a file: `seen` once a
        name matches in the folder that is published to, `linked` once the link leads elsewhere.
    what : str or float. Name of the node, seconds, pattern, or name of the link.
    """

    kind: str
    what: str | float

    def __str__(self):
        """Return it as the table of faults has it."""
        if self.kind == "after":
            return f"after {self.what:.1f} s"
        return (
            f"{self.kind} of {self.what}"
            if self.kind in EVENTS.values()
            else f"{self.what} {self.kind}"
        )


class FollowedBuild:
    """A build that runs.

    Parameters
    ----------
    project : Project
    published : Path. Folder that it publishes to.

    Attributes
    ----------
    process : Popen
    events : list of (str, str): `start` or `end`, and the name of the node.
    kinds : dict of the name of a node that has begun to `model`, `test`, `snapshot` or `seed`.
    said : list of str. Its errors, and what it printed without being asked.
    """

    def __init__(self, project, published):
        self.events, self.kinds, self.said = [], {}, []
        self._published = published
        self._news = Condition()
        self._ended = False
        self._published_before = set(_names(published))
        self._links = {path: os.readlink(path) for path in _links(published)}
        self._started = time.monotonic()
        self.process = project.start(*ARGUMENTS)
        self._reader = Thread(target=self._read, daemon=True)
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
                left = self._started + moment.what - time.monotonic()
                self._news.wait_for(lambda: self._ended, max(left, 0))
        else:
            has_come = {"seen": self._has_appeared, "linked": self._leads_elsewhere}[moment.kind]
            while not self._ended and not has_come(moment.what):
                # short, for some of what is waited for lasts a millisecond
                time.sleep(0.0002)
        return self.process.poll() is None

    def finish(self) -> int:
        """Wait for its end, and return its exit code; None stands for one that had to be ended."""
        self._reader.join(PATIENCE_SECONDS)
        hangs = self._reader.is_alive()
        if hangs:
            self.process.kill()
            self._reader.join()
        code = self.process.wait()
        return None if hangs else code

    def seconds(self) -> float:
        """Return how long it has run."""
        return time.monotonic() - self._started

    def _has_appeared(self, pattern):
        return any(
            Path(name).match(pattern)
            for name in _names(self._published)
            if name not in self._published_before
        )

    def _leads_elsewhere(self, name):
        with suppress(OSError):
            link = self._published / name
            return os.readlink(link) != self._links.get(link)
        return False

    def _read(self):
        for line in self.process.stdout:
            if not line.startswith("{"):
                self.said.append(line.strip())
                continue
            # most lines are of no interest, and long
            if not any(f'"{name}"' in line for name in EVENTS) and '"level": "error"' not in line:
                continue
            with suppress(ValueError):
                event = json.loads(line)
                self._take(event["info"], event["data"])
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _take(self, info, data):
        if info["level"] == "error":
            self.said.append(info["msg"].strip())
        elif info["name"] in EVENTS:
            node = data["node_info"]
            with self._news:
                self.kinds.setdefault(node["node_name"], node["resource_type"])
                self.events.append((EVENTS[info["name"]], node["node_name"]))
                self._news.notify_all()


def _names(folder):
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _links(folder):
    return [folder / name for name in _names(folder) if (folder / name).is_symlink()]
