"""Prototypes measure, assign and share as their formula says; compiled ones are what they claim."""

from types import SimpleNamespace

import numpy as np
import pytest
from customer_segmentation import compilation, prototypes
from customer_segmentation.compilation import compile_prototypes
from customer_segmentation.prototypes import UNASSIGNED, Prototypes, centres
from scipy.optimize import approx_fprime
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN, AgglomerativeClustering
from sklearn.datasets import make_blobs, make_moons
from threadpoolctl import threadpool_limits


def settings_with(**changes):
    return SimpleNamespace(**{"noise": "unassigned", "seed": 0, "min_fidelity": 0.95, **changes})


@pytest.fixture
def rows():
    return np.random.default_rng(3).normal(size=(500, 4))


@pytest.fixture
def moons():
    return make_moons(2000, noise=0.06, random_state=4)


def test_unit_weights_measure_squared_euclidean_distances(rows):
    found = centres(rows[:7], np.arange(7)).distances(rows)
    np.testing.assert_allclose(found, cdist(rows, rows[:7], "sqeuclidean"), rtol=1e-13)


def test_weights_and_offsets_follow_the_formula():
    some = Prototypes(
        position=np.array([[0.0, 1.0], [2.0, 3.0]]),
        label=np.array([0, 1]),
        weight=np.array([[1.0, 2.0], [0.0, 0.5]]),
        offset=np.array([10.0, -1.0]),
    )
    # 10 + 1 * 1 + 2 * 4 and -1 + 0 * 1 + 0.5 * 0
    assert some.distances(np.array([[1.0, 3.0]])).tolist() == [[19.0, -1.0]]


def test_chunks_do_not_show(rows, monkeypatch):
    some = centres(rows[:7], np.arange(7))
    whole = some.distances(rows), some.assign(rows)
    monkeypatch.setattr(prototypes, "CHUNK_ROWS", 33)
    np.testing.assert_array_equal(some.distances(rows), whole[0])
    np.testing.assert_array_equal(some.assign(rows), whole[1])
    np.testing.assert_array_equal(whole[0].argmin(axis=1), whole[1])


def test_rows_halfway_go_to_the_first_prototype():
    # Multiplied out, the distances of these rows differ in their last digits.
    spread = np.array([[1e4 - 0.25], [1e4 + 0.25]])
    rows = np.full((100, 1), 1e4)
    assert set(centres(spread, np.array([4, 7])).assign(rows)) == {4}
    assert set(centres(spread[::-1], np.array([7, 4])).assign(rows)) == {7}


def test_membership_is_that_of_the_nearest_prototype_of_each_label():
    some = centres(np.array([[0.0], [9.0], [3.0]]), np.array([1, 1, 0]))
    # At 1: squared distances 4 to label 0, and 1 to the nearer prototype of label 1.
    np.testing.assert_allclose(some.membership(np.array([[1.0]])), [[0.2, 0.8]])
    # On a prototype, and on two of different labels, of which the first counts.
    assert some.membership(np.array([[3.0]])).tolist() == [[1.0, 0.0]]
    double = centres(np.array([[2.0], [2.0]]), np.array([0, 1]))
    assert double.membership(np.array([[2.0]])).tolist() == [[1.0, 0.0]]


def test_softmax_stays_finite_far_away():
    some = Prototypes(
        np.array([[0.0], [1.0]]), np.array([0, 1]), np.ones((2, 1)), np.zeros(2), "softmax"
    )
    np.testing.assert_allclose(some.membership(np.array([[1e6], [0.5]])), [[0, 1], [0.5, 0.5]])


def test_bent_groups_need_several_prototypes(moons):
    matrix, labels = moons
    found, fidelity = compile_prototypes(matrix, labels, settings_with())
    assert fidelity >= 0.98
    assert len(found.label) > 2
    assert found.label.tolist() == sorted(found.label)
    assert (found.weight == 1).all()
    assert (found.offset == 0).all()
    means = np.array([matrix[labels == i].mean(axis=0) for i in (0, 1)])
    assert (centres(means, np.arange(2)).assign(matrix) == labels).mean() < 0.9


def test_no_more_prototypes_than_the_wanted_fidelity_takes(moons):
    counts = [
        len(compile_prototypes(*moons, settings_with(min_fidelity=wanted))[0].label)
        for wanted in (0.5, 0.97)
    ]
    assert counts[0] == 2 < counts[1]


def test_fidelity_is_what_rows_never_seen_say(moons):
    train, labels = moons
    found, fidelity = compile_prototypes(train, labels, settings_with())
    fresh, truth = make_moons(20_000, noise=0.06, random_state=5)
    assert fidelity == pytest.approx((found.assign(fresh) == truth).mean(), abs=0.02)


def test_fidelity_of_labels_drawn_by_lot_is_poor(rows):
    labels = np.random.default_rng(0).integers(3, size=len(rows))
    fidelity = compile_prototypes(rows, labels, settings_with())[1]
    assert fidelity == pytest.approx(1 / 3, abs=0.13)


def test_parts_are_three_fifths_and_two_fifths_of_every_label():
    labels = np.repeat([UNASSIGNED, 0, 1], [500, 50, 5])
    part = compilation._parts(labels, seed=1)
    for label, size in [(UNASSIGNED, 500), (0, 50), (1, 5)]:
        assert np.bincount(part[labels == label]).tolist() == [
            size * 3 // 5,
            size // 5,
            size // 5,
        ]


def test_learning_follows_its_slope(monkeypatch, rows):
    """The gradient is that of the loss, with and without a radius: by finite differences."""
    labels = np.where(np.linalg.norm(rows, axis=1) > 2.5, UNASSIGNED, (rows[:, 0] > 0).astype(int))
    checked = []

    def minimize(function, start, **_options):
        start = start + 0.1
        slope = approx_fprime(start, lambda numbers: function(numbers)[0], 1e-7)
        np.testing.assert_allclose(function(start)[1], slope, atol=1e-5)
        assert np.abs(slope).max() > 1e-3
        checked.append(len(start))
        return SimpleNamespace(x=start)

    monkeypatch.setattr(compilation, "minimize", minimize)
    start = rows[:3]
    is_assigned = labels != UNASSIGNED
    compilation._moved(rows[is_assigned], labels[is_assigned], start, np.array([0, 0, 1]))
    compilation._moved(rows, labels, start, np.array([0, 0, 1]), 4.0)
    assert checked == [12, 13]


def test_radius_is_the_best_of_all_possible_ones(rows):
    some = centres(rows[:3], np.array([0, 1, 1]))
    distances = some.distances(rows)
    labels = np.where(distances.min(axis=1) > 2.0, UNASSIGNED, rows[:, 0] > 0)
    found = compilation._best_radius(some, rows, labels)

    def right(radius):
        said = np.where(distances.min(axis=1) < radius, some.assign(rows), UNASSIGNED)
        return (said == labels).sum()

    edges = np.unique(np.append(distances.min(axis=1), [0.0, 99.0]))
    assert right(found) == max(map(right, (edges[1:] + edges[:-1]) / 2))
    assert found not in edges


def test_noise_lies_farther_than_a_radius_from_all_prototypes():
    crowds, labels = make_blobs(1500, 2, centers=[[0, 0], [6, 0], [0, 6]], random_state=0)
    strays = np.random.default_rng(1).uniform(-15, 20, size=(300, 2))
    strays = strays[cdist(strays, [[0, 0], [6, 0], [0, 6]]).min(axis=1) > 4]
    matrix = np.vstack([crowds, strays])
    labels = np.append(labels, np.full(len(strays), UNASSIGNED))
    found, fidelity = compile_prototypes(matrix, labels, settings_with())
    assert fidelity > 0.97
    assert found.label[0] == UNASSIGNED
    assert (found.label[1:] >= 0).all()
    assert (found.weight[0] == 0).all()
    np.testing.assert_allclose(found.position[0], strays.mean(axis=0))
    assert found.assign(np.array([[100.0, 100.0], [6.0, 0.0]])).tolist() == [UNASSIGNED, 1]

    near, near_fidelity = compile_prototypes(matrix, labels, settings_with(noise="nearest"))
    assert UNASSIGNED not in near.label
    assert near_fidelity > 0.99
    assert near.assign(np.array([[100.0, 0.0]])).tolist() == [1]


def test_units_move_the_prototypes_along(moons):
    matrix, labels = moons
    plain, fidelity = compile_prototypes(matrix, labels, settings_with())
    other, other_fidelity = compile_prototypes(1024 * matrix + 2**20, labels, settings_with())
    assert other_fidelity == pytest.approx(fidelity, abs=0.01)
    agreement = (plain.assign(matrix) == other.assign(1024 * matrix + 2**20)).mean()
    assert agreement > 0.99


@pytest.mark.parametrize("size", [3, 4, 7])
def test_very_few_rows_are_learned_by_heart(size):
    matrix = np.array([[0.0], [0.1], [5.0], [5.2], [5.3], [9.0], [0.2]])[:size]
    labels = np.array([0, 0, 1, 1, 1, 2, 0])[:size]
    found, fidelity = compile_prototypes(matrix, labels, settings_with())
    np.testing.assert_array_equal(found.assign(matrix), labels)
    assert fidelity == 1.0


def test_coinciding_rows_share_one_prototype():
    matrix = np.repeat([[0.0, 0.0], [3.0, 1.0]], 50, axis=0)
    labels = np.repeat([0, 1], 50)
    found, fidelity = compile_prototypes(matrix, labels, settings_with(min_fidelity=1.0))
    assert found.position.tolist() == [[0.0, 0.0], [3.0, 1.0]]
    assert fidelity == 1.0


@pytest.mark.parametrize("model", [AgglomerativeClustering(4), DBSCAN(0.15)])
def test_threads_do_not_change_a_byte(moons, model):
    labels = model.fit_predict(moons[0])
    outcomes = set()
    for threads in (1, 2, 4):
        with threadpool_limits(limits=threads):
            found, fidelity = compile_prototypes(moons[0], labels, settings_with())
        outcomes.add(found.position.tobytes() + found.offset.tobytes() + repr(fidelity).encode())
    assert len(outcomes) == 1
