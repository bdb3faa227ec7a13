"""Ids stay with their segments, whatever the order of labels, and every change is reported."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from customer_segmentation.matching import match, previous_segments
from customer_segmentation.registry import History, compile_model
from customer_segmentation.settings import Settings
from customer_segmentation.training import training_from_frame
from scipy.optimize import linear_sum_assignment

SETTINGS = Settings(
    features=("x", "y"),
    transform="none",
    scaling="none",
    outliers="none",
    stability_runs=0,
    n_init=5,
)


def customers(centres, size=60, seed=0):
    """Return training customers scattered around centres; spend falls with x."""
    rng = np.random.default_rng(seed)
    rows = np.vstack([rng.normal(centre, 0.3, (size, 2)) for centre in centres])
    frame = pd.DataFrame(rows, columns=["x", "y"])
    frame["customer_id"] = [f"C{i:04d}" for i in range(len(rows))]
    frame["as_of"] = datetime(2025, 1, 1)
    frame["monetary_value"] = 1000 - 10 * frame["x"]
    return training_from_frame(frame, ["x", "y"])


def fit(centres, k, history=None, settings=SETTINGS, seed=0):
    row = compile_model(customers(centres, seed=seed), settings, "kmeans", k, history)
    version = 1 if history is None else history.version + 1
    return {**row, "model_version": version}


def after(row, highest=None):
    return History(row, highest or max(row["prototype_segment_id"]))


def centres_of(row):
    """Return the centre of each segment id in the user's units."""
    values = np.array(row["prototype"]) * row["scale"] + row["centre"]
    ids = row["prototype_segment_id"]
    return {id_: tuple(np.round(value)) for id_, value in zip(ids, values, strict=True)}


def events(row):
    return {
        (entry["event"], entry["segment_id"], entry["previous_segment_id"])
        for entry in row["lineage"]
    }


SQUARE = [(0, 0), (10, 0), (0, 10), (10, 10)]


def test_first_ids_follow_the_spend():
    row = fit([(0, 0), (10, 0), (20, 0)], 3)
    assert centres_of(row) == {1: (0, 0), 2: (10, 0), 3: (20, 0)}
    assert events(row) == {("first", 1, None), ("first", 2, None), ("first", 3, None)}
    assert row["previous_version"] is None


@pytest.mark.parametrize("seed", range(4))
def test_moved_segments_keep_their_ids_though_the_order_by_spend_turns_round(seed):
    first = fit(SQUARE, 4)
    moved = [(x + 2, 10 * (y > 0) + 1) for x, y in SQUARE]
    # another seed for another order of labels; spend turned round for another order of new ids
    settings = Settings(**{**SETTINGS.__dict__, "seed": seed})
    second = fit(moved, 4, after(first), settings, seed=seed + 5)
    assert second["previous_version"] == 1
    for id_, (x, y) in centres_of(first).items():
        assert centres_of(second)[id_] == (x + 2, y + 1)
    assert events(second) == {("kept", id_, id_) for id_ in range(1, 5)}
    # an index of scipy's own: the total distance is the smallest there is
    one = np.array([centres_of(first)[id_] for id_ in range(1, 5)])
    two = np.array([centres_of(second)[id_] for id_ in range(1, 5)])
    cost = np.linalg.norm(two[:, None] - one[None], axis=2)
    assert (linear_sum_assignment(cost)[1] == np.arange(4)).all()


def test_split_gets_a_new_id_and_names_its_parent():
    first = fit([(0, 0), (10, 0), (20, 0)], 3)
    second = fit([(0, 0), (10, 0), (19, 2.2), (20.5, -2)], 4, after(first))
    assert set(second["prototype_segment_id"]) == {1, 2, 3, 4}
    assert ("split", 4, 3) in events(second)
    kept = {entry[1] for entry in events(second) if entry[0] == "kept"}
    assert kept == {1, 2, 3}


def test_merge_retires_an_id_for_ever():
    first = fit([(0, 0), (10, 0), (18, 0), (20, 0)], 4)
    second = fit([(0, 0), (10, 0), (18, 0), (20, 0)], 3, after(first))
    (merged,) = [entry for entry in events(second) if entry[0] == "merged"]
    heir, gone = merged[1:]
    assert {heir, gone} == {3, 4}
    assert set(second["prototype_segment_id"]) == {1, 2, heir}
    third = fit([(0, 0), (10, 0), (18, 0), (20, 0)], 4, after(second, highest=4))
    assert set(third["prototype_segment_id"]) == {1, 2, heir, 5}
    assert ("split", 5, heir) in events(third)


def test_every_id_of_both_versions_is_in_the_lineage():
    rng = np.random.default_rng(0)
    first = fit(rng.uniform(0, 20, (6, 2)), 6)
    second = fit(rng.uniform(0, 20, (6, 2)), 4, after(first))
    new = {entry["segment_id"] for entry in second["lineage"]} - {None}
    old = {entry["previous_segment_id"] for entry in second["lineage"]} - {None}
    assert new == set(second["prototype_segment_id"])
    # a new segment born of several names no parent; a lost one always has a line of its own
    assert old == set(first["prototype_segment_id"])


@pytest.mark.parametrize("seed", range(8))
def test_kept_segments_are_each_others_nearest(seed):
    rng = np.random.default_rng(seed)
    first = fit(rng.uniform(0, 20, (6, 2)), 6)
    training = customers(rng.uniform(0, 20, (6, 2)), seed=seed)
    second = compile_model(training, SETTINGS, "kmeans", 5, after(first))
    # the centres of both in the units of the first model, computed here from the registry alone
    values = np.array(second["prototype"]) * second["scale"] + second["centre"]
    new = (values - first["centre"]) / first["scale"]
    old = np.array(first["prototype"])
    distance = np.linalg.norm(new[:, None] - old[None], axis=2)
    new_ids, old_ids = second["prototype_segment_id"], first["prototype_segment_id"]
    for entry in second["lineage"]:
        if entry["event"] == "kept":
            row, column = new_ids.index(entry["segment_id"]), old_ids.index(entry["segment_id"])
            assert distance[row].argmin() == column
            assert distance[:, column].argmin() == row
            assert entry["distance"] == pytest.approx(distance[row, column])
        if entry["event"] in ("split", "born"):
            assert entry["segment_id"] not in old_ids
            assert entry["segment_id"] > max(old_ids)


def test_other_features_are_compared_by_what_they_share():
    first = fit(SQUARE, 4)
    training = customers(SQUARE)
    one = Settings(**{**SETTINGS.__dict__, "features": ("x",), "k_min": 2})
    frame = pd.DataFrame(training.matrix, columns=["x", "y"])
    frame["customer_id"], frame["as_of"] = training.customer_id, training.as_of
    frame["monetary_value"] = training.spend
    row = compile_model(training_from_frame(frame, ["x"]), one, "kmeans", 2, after(first))
    # each half lies on two corners of the square alike
    assert len(events(row)) >= 4

    other = Settings(**{**SETTINGS.__dict__, "features": ("z",), "k_min": 2})
    frame["z"] = frame["x"]
    row = compile_model(training_from_frame(frame, ["z"]), other, "kmeans", 2, after(first))
    assert set(row["prototype_segment_id"]) == {5, 6}
    assert all(entry["distance"] is None for entry in row["lineage"])


def test_unassigned_is_always_0():
    training = customers(SQUARE)
    row = {**fit(SQUARE, 4), "model_version": 1}
    row["prototype_segment_id"] = [0, *row["prototype_segment_id"]]
    row["prototype"] = [[0.0, 0.0], *row["prototype"]]
    row["prototype_weight"] = [[0.0, 0.0], *row["prototype_weight"]]
    row["prototype_offset"] = [1e9, *row["prototype_offset"]]
    row["prototype_rows"] = [0, *row["prototype_rows"]]
    previous = previous_segments(row, training)
    assert previous.has_unassigned
    assert list(previous.segment_id) == [1, 2, 3, 4]
    labels = previous.label.copy()
    labels[:10] = -1
    ids, lineage = match(
        previous, labels, 4, training.spend, 4, training.matrix, has_unassigned=True
    )
    assert list(ids) == [1, 2, 3, 4]
    assert lineage[0] == {
        "segment_id": 0,
        "previous_segment_id": 0,
        "event": "kept",
        "distance": None,
        "customer_share": None,
    }


def test_warm_start_gives_the_centres_of_today():
    previous = previous_segments(fit(SQUARE, 4), customers(SQUARE, seed=9))
    matrix = customers(SQUARE, seed=9).matrix
    found = previous.means_in(matrix)
    expected = [matrix[previous.label == label].mean(axis=0) for label in range(4)]
    np.testing.assert_allclose(found, expected)
