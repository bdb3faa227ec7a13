"""A year of monthly builds over Online Retail: ids keep their meaning, and refits their reasons."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from project_runner import UP_TO_SEGMENTS, WITHOUT_TESTS, together

MONTHS = [f"2011-{month:02}-01" for month in range(2, 13)] + ["2011-12-10"]
# Left alone, the customers fall into four segments every month: these months have to differ.
OTHER_K = {"2011-06-01": 6, "2011-09-01": 3}


def build_months(project, refit, other_k):
    """Build each month's end into one database; return the project and the table of each build."""
    tables = []
    for month in MONTHS:
        settings = {
            "segmentation_as_of": month,
            "segmentation_refit": refit,
            "segmentation_k": other_k.get(month),
        }
        project = replace(project, settings=project.settings | settings)
        project.build("--select", "+file:segments.sql", "+segment_lineage", *WITHOUT_TESTS)
        tables.append(project.csv())
    return project, tables


@pytest.fixture(scope="module")
def years(online_retail):
    """Return the year with a refit each month, and the year with refits for a reason."""

    def build(refit, other_k):
        project = online_retail.variant(f"monthly_{refit}", {"segmentation_stability_runs": 0})
        return build_months(project, refit, other_k)

    return together(lambda: build("always", OTHER_K), lambda: build("auto", {}))


@pytest.fixture(scope="module")
def always(years):
    return years[0]


@pytest.fixture(scope="module")
def auto(years):
    return years[1]


def models_of(project):
    return project.frame("select * from segment_model order by model_version").to_dict("records")


def centres_in(model, other):
    """Return the ids of a model, and its centres in the scaled space of another."""
    values = np.stack(model["prototype"]) * model["scale"] + model["centre"]
    return model["prototype_segment_id"], (values - other["centre"]) / other["scale"]


def test_every_month_is_a_version(always):
    models = models_of(always[0])
    assert [model["model_version"] for model in models] == list(range(1, 13))
    reasons = always[0].rows("select is_refit, reason from segmentation_runs order by run_at")
    assert [is_refit for is_refit, _ in reasons] == [True] * 12
    assert "always" in reasons[2][1]
    assert "segmentation_k changed from null to 6" in reasons[4][1]


def test_no_id_changes_its_meaning(always):
    models = models_of(always[0])
    kept = 0
    for old, new in pairwise(models):
        old_ids, old_centres = centres_in(old, old)
        new_ids, new_centres = centres_in(new, old)
        distance = np.linalg.norm(new_centres[:, None] - old_centres[None], axis=2)
        for i, id_ in enumerate(new_ids):
            if id_ in old_ids:
                assert old_ids[distance[i].argmin()] == id_, (new["model_version"], id_)
                assert new_ids[distance[:, list(old_ids).index(id_)].argmin()] == id_
                kept += 1
    assert kept > 25


def test_no_id_is_used_again(always):
    models = models_of(always[0])
    gone, seen = set(), set()
    for model in models:
        ids = set(model["prototype_segment_id"])
        assert not ids & gone
        gone |= seen - ids
        seen |= ids


def test_every_change_is_in_the_lineage(always):
    project, _ = always
    ids = {
        model["model_version"]: set(model["prototype_segment_id"]) for model in models_of(project)
    }
    lineage = project.rows(
        "select model_version, previous_version, event, segment_id, previous_segment_id, distance "
        "from segment_lineage"
    )
    for version, previous, event, segment_id, previous_id, distance in lineage:
        if event == "first":
            assert version == 1
            continue
        assert previous == version - 1
        assert distance > 0
        if event == "kept":
            assert segment_id == previous_id
            assert segment_id in ids[version] & ids[previous]
        elif event in ("split", "born"):
            assert segment_id in ids[version] - ids[previous]
        else:
            assert event in ("merged", "retired")
            assert previous_id in ids[previous] - ids[version]
    assert {"kept", "split", "merged"} <= {event for _, _, event, *_ in lineage}
    for version in range(2, 13):
        own = [entry for entry in lineage if entry[0] == version]
        assert {entry[3] for entry in own} - {None} == ids[version]
        lost = {entry[4] for entry in own if entry[2] in ("merged", "retired", "kept")}
        assert lost == ids[version - 1]


def test_names_stay_with_their_ids(always):
    names = {}
    for table in always[1]:
        for line in table.decode().splitlines():
            id_, _, name = line.split(",")[1:4]
            assert names.setdefault(id_, name) == name
    assert len(set(names.values())) == len(names)


def test_auto_refits_for_a_reason_only(auto):
    project, tables = auto
    runs = project.rows(
        "select model_version, is_refit, reason, drift, previous_version "
        "from segmentation_runs order by run_at"
    )
    assert len(runs) == len(MONTHS)
    assert runs[0][1]
    assert 1 <= sum(is_refit for _, is_refit, *_ in runs) < len(MONTHS)
    for version, is_refit, reason, drift, previous in runs[1:]:
        assert is_refit == (drift >= 0.25)
        assert is_refit == (version == previous + 1)
        assert ("drifted" in reason) == is_refit
        assert len(reason) > 20
    versions = [model["model_version"] for model in models_of(project)]
    assert versions == [version for version, is_refit, *_ in runs if is_refit]
    used = [{line.split(",")[-2] for line in table.decode().splitlines()} for table in tables]
    assert used == [{str(version)} for version, *_ in runs]


def test_rollback_reproduces_the_first_segments(always):
    project, tables = always
    settings = {
        "segmentation_as_of": MONTHS[0],
        "segmentation_model_version": 1,
        # nothing of these matters to a version that is fitted already
        "segmentation_features": ["recency_days", "distinct_products"],
        "segmentation_transform": "none",
        "segmentation_k_max": 5,
    }
    project = replace(project, settings=project.settings | settings).build(*UP_TO_SEGMENTS)
    assert project.csv() == tables[0]
    assert len(models_of(project)) == 12
    ((version, is_refit, reason),) = project.rows(
        "select model_version, is_refit, reason from segmentation_runs order by run_at desc limit 1"
    )
    assert (version, is_refit) == (1, False)
    assert "segmentation_model_version" in reason
