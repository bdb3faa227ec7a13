"""Build the same input in every way that must change nothing, and compare the public tables.

    make determinism
    make determinism DETERMINISM="--only demo/gmm"

Every variant is compared with the build `base` of the same data and algorithm: one thread, rows in
their own order, this machine's kernels, this Python. Where the published data are there, Online
Retail is built as well. Ends with 1 if a table differs that is not named in `exceptions.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
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
    project, queries = demo(ROOT, folder / "demo")
    for algorithm, settings in ALGORITHMS.items():
        settings = project.settings | settings
        yield f"demo/{algorithm}", replace(project, settings=settings), queries, not settings
    if data.is_dir():
        project, queries = online_retail(ROOT, folder / "online_retail", data)
        yield "online_retail/kmeans", project, queries, False


def main(arguments=None) -> int:
    """Build, compare, print; return the exit code."""
    options = _options(arguments)
    _say("Not compared, for it names the run: " + ", ".join(NOT_COMPARED) + ".\n")
    _say("| built | variant | equal | differ: rows, largest relative difference |")
    _say("|---|---|---|---|")
    bad = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for name, project, queries, is_whole in subjects(options.data, Path(folder)):
            if options.only in name:
                bad += _compare(name, project, queries, _variants(options, is_whole), folder)
    _say(f"\n{bad} tables differ that should not." if bad else "\nNothing differs unexpectedly.")
    return int(bad > 0)
