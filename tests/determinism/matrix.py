"""Build the same input in every way that must change nothing, and compare the public tables.

    make determinism
    make determinism DETERMINISM="--only demo/gmm"

Every variant is compared with the build `base` of the same data and algorithm: one thread, rows in
their own order, this machine's kernels, this Python. Where the published data are there, Online
Retail is built as well. Ends with 1 if a table differs that is not named in `exceptions.py`,
and if nothing was built.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from exceptions import unexpected
from inputs import demo, online_retail
from project_runner import WITHOUT_TESTS
from public_tables import NOT_COMPARED, differences, read_tables
from variants import ALL_AT_ONCE, BASE, OTHER_MACHINE, VARIANTS, Variant, build, runs_here

ROOT = Path(__file__).parents[2]
ALGORITHMS = {
    "kmeans": {},
    "gmm": {"segmentation_algorithm": "gmm"},
    "minibatch_kmeans": {"segmentation_algorithm": "minibatch_kmeans"},
    "bisecting_kmeans": {"segmentation_algorithm": "bisecting_kmeans"},
    "agglomerative": {"segmentation_algorithm": "agglomerative"},
    "hdbscan": {
        "segmentation_algorithm": "hdbscan",
        "segmentation_features": ["recency_days", "frequency", "monetary"],
    },
    "dbscan": {
        "segmentation_algorithm": "dbscan",
        "segmentation_features": ["recency_days", "frequency", "monetary"],
    },
    "autoencoder": {"segmentation_algorithm": "autoencoder"},
    "ensemble": {"segmentation_algorithm": "ensemble"},
}


def subjects(data, folder):
    """Yield name, project, queries of its files and whether every variant is tried."""
    (folder / "demo").mkdir()
    project, queries = demo(ROOT, folder / "demo")
    for algorithm, changes in ALGORITHMS.items():
        settings = project.settings | changes
        yield f"demo/{algorithm}", replace(project, settings=settings), queries, not changes
    if data.is_dir():
        (folder / "online_retail").mkdir()
        project, queries = online_retail(ROOT, folder / "online_retail", data)
        yield "online_retail/kmeans", project, queries, False


def main(arguments=None) -> int:
    """Build, compare, print; return the exit code."""
    options = _options(arguments)
    _say("Not compared, for it names the run: " + ", ".join(NOT_COMPARED) + ".\n")
    _say("| built | variant | equal | differ: rows, largest relative difference |")
    _say("|---|---|---|---|")
    found = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for name, project, queries, is_whole in subjects(options.data, Path(folder)):
            if options.only in name:
                found.append(_compare(name, project, queries, _variants(options, is_whole)))
    if not found:
        _say(f"\nNothing was built: no name holds {options.only!r}, or there is no {options.data}.")
        return 1
    bad = sum(found)
    _say(f"\n{bad} tables differ that should not." if bad else "\nNothing differs unexpectedly.")
    return int(bad > 0)


def _compare(name, project, queries, variants) -> int:
    """Build every variant of one subject, print a row for each; return the bad tables."""
    base = build(project, BASE, queries, *WITHOUT_TESTS)
    expected = read_tables(base)
    _say(f"| {name} | base | {len(expected)} tables | |")
    bad = 0
    for variant in variants:
        if not runs_here(variant):
            _say(f"| {name} | {variant.name} | not built: this machine prescribes a kernel | |")
            continue
        built = build(project, variant, queries, *WITHOUT_TESTS, parsed=base)
        found = differences(expected, read_tables(built))
        surprises = unexpected(found, variant, name)
        bad += len(surprises)
        words = "; ".join(in_words(one, one in surprises) for one in found)
        _say(f"| {name} | {variant.name} | {len(expected) - len(found)} | {words} |")
        shutil.rmtree(built.scratch)
    shutil.rmtree(base.scratch)
    return bad


def in_words(difference, is_surprise) -> str:
    """Return a difference as a phrase of the table."""
    others = f", and in {', '.join(difference.others)}" if difference.others else ""
    size = f"{difference.rows} rows, {difference.relative:.1g}{others}"
    return f"{'**not expected** ' if is_surprise else ''}{difference.table}: {size}"


def _variants(options, is_whole):
    """Return all variants, or those that say most in one build each."""
    chosen = VARIANTS if is_whole or options.all else (ALL_AT_ONCE, OTHER_MACHINE)
    pythons = [
        Variant(f"Python of {folder.parent.name}", "python", programs=folder.absolute())
        for folder in options.programs
        if (folder / "dbt").exists()
    ]
    return [*chosen, *pythons]


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = os.environ.get("SEGMENTATION_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(data), help="folder of published data")
    parser.add_argument("--only", default="", help="part of the name, such as demo/gmm")
    parser.add_argument("--all", action="store_true", help="every variant for every algorithm")
    parser.add_argument("--folder", type=Path, help="where the scratch folders go")
    parser.add_argument(
        "--programs", type=Path, nargs="*", default=(), help="bin folders of further Pythons"
    )
    return parser.parse_args(arguments)


def _say(line):
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
