"""Put questions to MetricFlow as `mf` does, in one process: each start of it takes seconds."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

STUB = "name: metrics_of_{name}\nversion: 1.0.0\nprofile: {profile}\n"


def ask(project, commands) -> tuple[list[dict], str]:
    """Run `mf` commands on a built project, and return exit code, output and rows of each.

    Besides what it says while it works, which goes past the output of a command.

    MetricFlow looks for target/semantic_manifest.json in the folder of the project, which several
    databases may share here: a project beside the database stands in for it.
    """
    (profile,) = yaml.safe_load((project.scratch / "profiles.yml").read_text())
    stub = STUB.format(name=project.scratch.name, profile=profile)
    (project.scratch / "dbt_project.yml").write_text(stub)
    outcome = subprocess.run(
        [sys.executable, __file__, json.dumps(commands)],
        cwd=project.scratch,
        env={
            **os.environ,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_PROJECT_DIR": str(project.scratch),
            "DBT_PROFILES_DIR": str(project.scratch),
            "DBT_LOG_PATH": str(project.scratch / "logs"),
            "SEGMENTATION_DATABASE": str(project.database),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    results = json.loads((project.scratch / "answers.json").read_text(encoding="utf-8"))
    return results, outcome.stdout


def answers(commands):
    """Run the commands one after the other in this process."""
    from click.testing import CliRunner
    from dbt_metricflow.cli import main
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration

    # `mf` asks the index for a newer version of itself at each start; nobody waits for it here
    main.UpdateChecker.check = lambda *_arguments, **_options: None
    configuration = CLIConfiguration()
    for number, command in enumerate(commands):
        table = Path(f"answer_{number}.csv")
        options = ["--quiet", "--csv", str(table)] if command[0] == "query" else []
        outcome = CliRunner().invoke(main.cli, [*command, *options], obj=configuration)
        rows = []
        if table.exists():
            with table.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        yield {"exit_code": outcome.exit_code, "output": outcome.output, "rows": rows}


if __name__ == "__main__":
    results = list(answers(json.loads(sys.argv[1])))
    Path("answers.json").write_text(json.dumps(results), encoding="utf-8")
