"""The small shop that is built under faults, and what it looks like when nothing disturbs it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import verdicts
from corner_shop import clean_lines
from followed_build import FollowedBuild
from places import Place
from project_runner import install
from verdicts import Era

SETTINGS = {
    "segmentation_k": 3,
    "segmentation_n_init": 2,
    "segmentation_stability_runs": 2,
    "segmentation_publish_path": "published",
    "segmentation_publish_formats": ["duckdb", "parquet"],
    "segmentation_publish_versions": 2,
}

# All that a nightly build runs: tests of the package that look at it, and not at what is built, are
# no part of that.
WHOLE = ("--exclude-resource-type", "unit_test", "--exclude", "tag:segmentation_shipped")
# The tables on the way from the input to what people look at first, and nothing else: a fifth of a
# whole build, for the many faults. Views, seeds and the rest are as the first build left them.
CORE_TABLES = (
    *("feature_snapshot", "segment_builds", "segment_candidates", "segment_history"),
    *("segment_migrations", "segment_model", "segment_profiles", "segmentation_runs"),
    *("segments", "segments_snapshot", "transaction_audit"),
)
CORE = (
    *("--select", "+segments_snapshot", "+file:segment_profiles.sql", "+segment_migrations"),
    *("+segment_history", "publications", "--exclude", "config.materialized:view"),
    *("resource_type:seed", "--exclude-resource-type", "test"),
    *("--exclude-resource-type", "unit_test"),
)


def lines_of(situation):
    """Return the lines that a build finds.

    `first`: there was no build before. `kept`: the day after, on which a few customers buy and one
    is gone, so that stays end and begin and the model is kept. `refit`: so many new customers come
    that the features drift, and a model is fitted.
    """
    lines = clean_lines()
    if situation == "kept":
        lines = [line for line in lines if line["Customer ID"] != "50"]
        lines += [_line(lines, customer, "2025-11-30") for customer in range(1, 6)]
    elif situation == "refit":
        for customer in range(51, 91):
            for visit in range(1 + customer % 5):
                day, price = f"2025-11-{10 + 5 * visit}", f"{40 * visit}.25"
                lines.append(_line(lines, customer, day, price))
    return lines


def _line(lines, customer, day, price="2.50"):
    return {
        "group": f"{day}-{len(lines) + 1}-{customer}",
        "order": f"{customer}-{day}",
        "Customer ID": str(customer),
        "Time": day,
        "raw": "tea",
        "Quantity": "2",
        "price per unit": price,
    }


@dataclass(frozen=True)
class Situation:
    """A build that is about to begin.

    Attributes
    ----------
    name : str
    selection : sequence of str. Arguments of the build.
    files : Path or None. Folder with the warehouse and what is published before it.
    last, last_published : dict of table name to rows, or None.
    twin, twin_published : the same of the build that nothing disturbed.
    era : Era of the new run.
    nodes : list of str. Its models, snapshots and seeds, in the order in which they began.
    seconds : float. How long its nodes took.
    """

    name: str
    selection: tuple
    files: Path | None
    last: dict | None
    last_published: dict | None
    twin: dict
    twin_published: dict
    era: Era
    nodes: list
    seconds: float


class Shop:
    """The installed project, and its situations.

    Parameters
    ----------
    checkout : Path. The package to install.
    folder : Path. An empty folder.
    situations : sequence of str. Which of `kept` and `refit` to prepare besides `first`.
    selection : sequence of str. What is built in these; in `first` it is everything.

    Attributes
    ----------
    project : Project
    situations : dict of name to Situation
    parsed : Path. What dbt has parsed of the project.
    """

    def __init__(self, checkout, folder, situations=("kept", "refit"), selection=WHOLE):
        (folder / "installed").mkdir(parents=True)
        self.project = replace(
            install("corner_shop", checkout, folder / "installed", "shop_segmentation"),
            settings=SETTINGS
            | ({"segmentation_publish_tables": list(CORE_TABLES)} if selection is CORE else {}),
        )
        self.parsed = folder / "parsed"
        place = Place(self.project, "undisturbed")
        self.situations = {"first": _undisturbed("first", place, None, WHOLE)}
        place.keep_parsed(self.parsed)
        files = folder / "after_first"
        files.mkdir()
        shutil.copy(place.project.database, files)
        shutil.copytree(place.project.scratch / "published", files / "published", symlinks=True)
        for name in situations:
            self.situations[name] = _undisturbed(name, place, files, selection)

    def place(self, name, kind) -> Place:
        """Return a new scratch folder."""
        return Place(self.project, name, kind, self.parsed)


def _undisturbed(name, place, files, selection):
    """Build once, and return the situation with what came of it."""
    project, published = place.project, place.project.scratch / "published"
    era = Era(datetime.now(UTC).replace(tzinfo=None), 0 if files is None else 1)
    place.restore(files, lines_of(name))
    last = last_published = None
    if files is not None:
        last = verdicts.warehouse_tables(project, era)
        last_published = verdicts.published_tables(published, "duckdb", era)
    build = FollowedBuild(project, selection)
    exit_code = build.finish()
    assert exit_code == 0, (exit_code, build.said)
    return Situation(
        name=name,
        selection=selection,
        files=files,
        last=last,
        last_published=last_published,
        twin=verdicts.warehouse_tables(project, era),
        twin_published=verdicts.published_tables(published, "duckdb", era),
        era=era,
        nodes=[node for node, kind in build.kinds.items() if kind != "test"],
        seconds=build.seconds(),
    )
