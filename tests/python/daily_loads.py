"""Load the daily files of a shop one batch after the other, one dbt run a batch, in one process.

    python daily_loads.py <project> <folder with daily files> <loads> <settings as JSON> <arguments>

is run in the scratch folder of the project, which gets the files under `days/`. A process that has
parsed the project once runs it in a third of the time that dbt needs from its start.
"""

import os
import sys
from itertools import pairwise
from pathlib import Path

from dbt.cli.main import dbtRunner


def batches(items, number):
    """Return the items in order, cut into so many runs of about equal length."""
    edges = [len(items) * i // number for i in range(number + 1)]
    return [items[start:end] for start, end in pairwise(edges) if start < end]


def main(project, source, loads, settings, *arguments):
    """Load everything; exit with a code other than 0 at the first run that fails."""
    os.environ["DBT_PROJECT_DIR"] = project
    invoked = ("--no-use-colors", "--quiet")
    common = ("--vars", settings)
    days = Path("days")
    days.mkdir()
    parsed = dbtRunner().invoke([*invoked, "parse", *common])
    if not parsed.success:
        sys.exit(f"parse: {parsed.exception}")
    for batch in batches(sorted(Path(source).glob("*.csv")), int(loads)):
        for file in batch:
            (days / file.name).symlink_to(file)
        outcome = dbtRunner(manifest=parsed.result).invoke([*invoked, "run", *common, *arguments])
        if not outcome.success:
            sys.exit(f"{batch[-1].stem}: {outcome.exception or outcome.result}")


if __name__ == "__main__":
    main(*sys.argv[1:])
