"""Run the benchmark: `python benchmarks/run.py [STEP ...]`; `make bench` runs it all.

    compare   the floor, the peers and the package in turn, round after round
    growth    the whole package on 1 M lines, and on 100 M under a memory limit
    day       one more day of data on top of an incremental build
    scans     scans of the raw data in one build, by DuckDB's profiler
    agreement whether the package did the same work as the floor
    scoring   a million customers against bare DuckDB expressions
    engines   the whole package on DuckDB and on Spark, one after the other

Each contender runs in a process of its own. Everything that was measured is in results.json in the
folder, where a step replaces what it measured before on that size; `benchmarks/write.py` makes the
page from it.
"""

import argparse
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from process import HERE, run, script

FOLDER = HERE.parent / "target" / "benchmarks"
CONTENDERS = {
    "floor": ("peer_floor",),
    "package": ("peer_package", "--selection", "same"),
    "whole": ("peer_package", "--selection", "whole"),
    "polars": ("peer_polars",),
    "pandas": ("peer_pandas",),
    "spark": ("peer_spark",),
}
SMALL, LARGE = 1_000_000, 100_000_000


class Bench:
    """Data, scratch space and results in one folder.

    Parameters
    ----------
    folder : Path
    lines : int. Size of the comparison.
    build_options : list of str. Options of every build of the package; see peer_package.py.
    """

    def __init__(self, folder, lines, build_options):
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lines = lines
        self.build_options = build_options

    def data(self, lines):
        """Return the folder of the transactions; they are written in a process of their own."""
        command = [sys.executable, str(HERE / "transactions.py"), str(lines), str(self.folder)]
        return Path(run(command)[0].split()[0])

    def measure(self, step, lines, name, *options, keep=False, **more):
        """Run one contender in an empty scratch folder, and keep what it says.

        Parameters
        ----------
        step : str
        lines : int
        name : str. A key of CONTENDERS, or a script.
        options : str. Further arguments of the script.
        keep : bool. Leave the scratch folder where it is.
        more : noted with the result.
        """
        data = self.data(lines)
        scratch = self.scratch(name)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        module, *own = CONTENDERS.get(name, (name,))
        own += self.build_options if module == "peer_package" else ()
        record = {"step": step, "lines": lines, "name": name, **more}
        record["load"] = os.getloadavg()[0]
        try:
            record |= script(module, data, scratch, *own, *options)
            told = f"{record['wall_seconds']:.1f} s, {record['peak_gb']:.1f} GB"
        except RuntimeError as error:
            record["error"] = str(error)
            told = str(error)
        self.keep(record)
        print(f"{datetime.now(UTC):%H:%M:%S} {step} {lines:,} {name}: {told}", flush=True)
        if not keep:
            shutil.rmtree(scratch)

    def scratch(self, name):
        """Return the scratch folder of a contender."""
        return self.folder / "scratch" / name

    def keep(self, record):
        """Add a record to the results."""
        self.write([*self.results(), record])

    def results(self):
        """Return all records."""
        file = self.folder / "results.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []

    def forget(self, step, *sizes):
        """Drop the records of a step on some sizes, before it measures them again."""
        self.write(
            [one for one in self.results() if one["step"] != step or one["lines"] not in sizes]
        )

    def write(self, records):
        """Write all records."""
        (self.folder / "results.json").write_text(json.dumps(records, indent=1), encoding="utf-8")


def compare(bench, arguments):
    """Run all contenders in turn, round after round."""
    bench.forget("compare", bench.lines)
    for number in range(arguments.rounds):
        for name in arguments.contenders:
            bench.measure("compare", bench.lines, name, round=number)


def growth(bench, arguments):
    """Build the whole package on a smaller size, and once on a larger one with little memory."""
    bench.forget("growth", SMALL, LARGE)
    for number in range(arguments.rounds):
        bench.measure("growth", SMALL, "whole", round=number)
    limit = arguments.memory_limit
    bench.measure("growth", LARGE, "whole", "--engine", f"memory_limit={limit}", memory_limit=limit)


def written(bench, step, contender):
    """Time the bare writing of what a build left, and remove it."""
    record = script("writing", bench.scratch(contender) / "package.duckdb")
    bench.keep({"step": step, "lines": bench.lines, "name": "writing", **record})
    shutil.rmtree(bench.scratch(contender))


def day(bench, arguments):
    """Build incrementally, then again with one more day."""
    bench.forget("day", bench.lines)
    options = ["--setting", "segmentation_incremental=true", "--day"]
    bench.measure("day", bench.lines, "whole", *options, keep=True)
    written(bench, "day", "whole")


def scans(bench, arguments):
    """Count the scans of the raw data in a whole build."""
    bench.forget("scans", bench.lines)
    bench.measure("scans", bench.lines, "whole", "--scans")


def agreement(bench, arguments):
    """Build once more, and compare features and fits."""
    bench.forget("agreement", bench.lines)
    bench.measure("agreement", bench.lines, "package", keep=True)
    # the results of a build, and then what is compared, under one step
    database = bench.scratch("package") / "package.duckdb"
    record = script("agreement", bench.data(bench.lines), database)
    bench.keep({"step": "agreement", "lines": bench.lines, "name": "agreement", **record})
    written(bench, "agreement", "package")


def scoring(bench, arguments):
    """Time scoring and quality alone."""
    bench.forget("scoring", SMALL)
    bench.measure("scoring", SMALL, "scoring")


def engines(bench, arguments):
    """Build the whole package with DuckDB, and with Spark on this machine."""
    bench.forget("engines", bench.lines)
    for target in ("dev", "spark"):
        bench.measure("engines", bench.lines, "whole", "--target", target, target=target)


STEPS = {step.__name__: step for step in (compare, growth, day, scans, agreement, scoring, engines)}


def main():
    """Run the steps that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--memory-limit", default="4GB", help="DuckDB's, on 100 M lines")
    parser.add_argument("--build-option", action="append", default=[], help="of peer_package.py")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    unknown = set(arguments.steps) - set(STEPS)
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    bench = Bench(arguments.folder, arguments.lines, arguments.build_option)
    for step in arguments.steps or STEPS:
        STEPS[step](bench, arguments)


if __name__ == "__main__":
    main()
