"""dbt in this process: a project is parsed once, and run as often as asked for.

Starting dbt and parsing cost more than most of the builds that a catalogue of bad inputs needs.
What is run is the same: `dbtRunner` is the entry of the command line.
"""

from __future__ import annotations

import os
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

if TYPE_CHECKING:
    from project_runner import Project


@dataclass(frozen=True)
class Outcome:
    """What dbt made of a command, and everything that it said.

    Attributes
    ----------
    succeeded : bool
    text : str
    """

    succeeded: bool
    text: str

    def lines_with(self, words):
        """Return the lines in which the words stand in this order."""
        return [line for line in self.text.splitlines() if _stand_in_order(words, line)]


class Session:
    """A project whose settings stay, so that dbt need not parse it again for another database."""

    def __init__(self, project: Project):
        self.project = project
        self.manifest = None

    def run(self, project: Project, *arguments) -> Outcome:
        """Run dbt on a variant of the project with the same settings.

        Parameters
        ----------
        project : Project. Its scratch folder holds profile and database.
        arguments : str. Command and options.
        """
        assert project.settings == self.project.settings
        if self.manifest is None:
            self.manifest = invoke(project, ["parse"])[0].result
        result, text = invoke(project, arguments, self.manifest)
        return Outcome(result.success, text)


def invoke(project, arguments, manifest=None):
    """Run dbt, and return dbt's own result and everything that it said.

    Parameters
    ----------
    project : Project
    arguments : sequence of str. Command and options.
    manifest : Manifest or None. The project as it was parsed before.
    """
    said = []
    runner = dbtRunner(manifest, [lambda event: said.append((event.info.level, event.info.msg))])
    with _environment(project):
        result = runner.invoke([*arguments, "--vars", yaml.safe_dump(project.settings), "--quiet"])
    messages = [message for level, message in said if level in ("warn", "error")]
    lines = "\n".join([*messages, str(result.exception or "")]).splitlines()
    # dbt says an error where it happens and again at the end
    return result, "\n".join(dict.fromkeys(lines))


@contextmanager
def _environment(project):
    variables = {
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_PROJECT_DIR": str(project.folder),
        "DBT_PROFILES_DIR": str(project.scratch),
        "DBT_TARGET_PATH": str(project.scratch / "target"),
        "DBT_LOG_PATH": str(project.scratch / "logs"),
        **project.environment,
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        with chdir(project.scratch):
            yield
    finally:
        # the next run has another database under the same relative path
        DuckDBConnectionManager.close_all_connections()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _stand_in_order(words, line):
    place = 0
    for word in words:
        place = line.find(word, place)
        if place < 0:
            return False
        place += len(word)
    return True
