"""Candidates are measured by the usual indices: they equal scikit-learn's."""

import numpy as np
import pytest
from customer_segmentation import evaluation, parallel
from customer_segmentation.candidates import candidate_ks, fit_candidates, measure_candidates
from customer_segmentation.settings import Settings
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits


def settings_with(**changes):
    return Settings(**{"features": ("a", "b", "c"), **changes})


def measured(matrix, settings):
    fits, _ = fit_candidates(matrix, settings)
    return measure_candidates(matrix, fits, settings)


@pytest.fixture(scope="module")
def blobs():
    return make_blobs(3000, 3, centers=5, cluster_std=2.5, random_state=1)[0]


def test_indices_equal_scikit_learn(blobs):
    for entry in measured(blobs, settings_with(k_min=2, k_max=5)):
        model = KMeans(entry.k, n_init=10, random_state=0, tol=0, max_iter=1000).fit(blobs)
        labels = model.labels_
        assert entry.inertia == pytest.approx(model.inertia_, rel=1e-12)
        assert entry.silhouette == pytest.approx(silhouette_score(blobs, labels), abs=1e-11)
        assert entry.calinski_harabasz == pytest.approx(calinski_harabasz_score(blobs, labels))
        assert entry.davies_bouldin == pytest.approx(davies_bouldin_score(blobs, labels))
        assert entry.smallest_share == np.bincount(labels).min() / len(blobs)
        assert (entry.bic, entry.gap, entry.stability, entry.fidelity) == (None, None, None, 1.0)


def test_bic_is_that_of_a_mixture_of_scikit_learn(blobs):
    (entry,) = measured(blobs, settings_with(algorithm="gmm", k=5))
    model = GaussianMixture(5, covariance_type="diag", n_init=5, random_state=3, tol=1e-6).fit(
        blobs
    )
    # by hand: 2 * 5 * 3 + 4 parameters
    by_hand = (2 * 5 * 3 + 4) * np.log(3000) - 2 * 3000 * model.score(blobs)
    assert model.bic(blobs) == pytest.approx(by_hand)
    assert entry.bic == pytest.approx(by_hand, rel=1e-4)


def test_silhouette_knows_lone_and_coinciding_rows():
    matrix = np.array([[0.0], [0.0], [0.0], [0.0], [5.0], [9.0], [9.5]])
    labels = np.array([0, 0, 1, 1, 2, 3, 3])
    (value,) = evaluation.silhouettes(matrix, [labels], seed=0)
    assert value == pytest.approx(silhouette_score(matrix, labels), abs=1e-11)


def test_silhouette_of_many_rows_uses_a_seeded_part(monkeypatch, blobs):
    labels = KMeans(5, n_init=1, random_state=0).fit(blobs).labels_
    (whole,) = evaluation.silhouettes(blobs, [labels], seed=0)
    monkeypatch.setattr(evaluation, "SILHOUETTE_ROWS", 1000)
    (part,) = evaluation.silhouettes(blobs, [labels], seed=0)
    (again,) = evaluation.silhouettes(blobs, [labels], seed=0)
    (other,) = evaluation.silhouettes(blobs, [labels], seed=1)
    assert part == again
    assert len({whole, part, other}) == 3
    assert part == pytest.approx(whole, abs=0.03)


def test_indices_are_null_when_every_row_is_its_own_segment():
    matrix = np.array([[0.0], [1.0], [3.0]])
    (entry,) = measured(matrix, settings_with(k=3))
    assert (entry.silhouette, entry.calinski_harabasz, entry.davies_bouldin) == (None, None, None)
    assert entry.inertia == 0.0


def test_fits_at_once_do_not_change_a_byte(monkeypatch, blobs):
    settings = settings_with(algorithm=("kmeans", "gmm", "agglomerative"), k_max=5)
    outcomes = set()
    for threads in (1, 2):
        monkeypatch.setattr(parallel.os, "cpu_count", lambda threads=threads: threads)
        with threadpool_limits(limits=threads):
            outcomes.add(repr(measured(blobs, settings)))
    assert len(outcomes) == 1


def test_candidates_come_by_algorithm_and_ascending_k(blobs):
    found = measured(blobs[:500], settings_with(algorithm=("minibatch_kmeans", "kmeans"), k_max=4))
    assert [(entry.algorithm, entry.k) for entry in found] == [
        ("minibatch_kmeans", 3),
        ("minibatch_kmeans", 4),
        ("kmeans", 3),
        ("kmeans", 4),
    ]


def test_range_of_k_stays_below_the_number_of_distinct_rows():
    matrix = np.repeat(np.arange(6.0), 10)[:, None]
    assert candidate_ks(matrix, settings_with()) == [3, 4, 5]
    assert candidate_ks(matrix, settings_with(k=6)) == [6]


@pytest.mark.parametrize(
    ("changes", "distinct", "message"),
    [
        ({"k": 9}, 5, r"segmentation_k is 9, .* only 5 distinct .* lower segmentation_k to 5 or"),
        ({"k": 2}, 1, r"segmentation_k is 2, .* only 1 distinct .*: add customers or features\."),
        ({}, 3, r"segmentation_k_min is 3, .* only 3 .* lower segmentation_k_min to 2, or add"),
        ({}, 2, r"segmentation_k_min is 3, .* only 2 .*: add customers or features\."),
    ],
)
def test_too_few_distinct_rows_are_refused(changes, distinct, message):
    matrix = np.repeat(np.arange(float(distinct)), 4)[:, None]
    with pytest.raises(ValueError, match=message):
        candidate_ks(matrix, settings_with(**changes))


def test_algorithm_that_finds_nothing_stands_back_when_another_does(blobs):
    far_too_dense = settings_with(algorithm=("kmeans", "dbscan"), dbscan_eps=1e-9)
    fits, failures = fit_candidates(blobs, far_too_dense)
    assert {name for name, _ in fits} == {"kmeans"}
    assert len(failures) == 1
    assert "dbscan" in failures[0]
    with pytest.raises(ValueError, match="dbscan"):
        fit_candidates(blobs, settings_with(algorithm="dbscan", dbscan_eps=1e-9))


def test_the_unassigned_count_as_a_group_of_their_own():
    rng = np.random.default_rng(0)
    matrix = np.vstack(
        [rng.normal(0, 0.1, (200, 2)), rng.normal(5, 0.1, (200, 2)), rng.uniform(-20, 20, (40, 2))]
    )
    (entry,) = measured(
        matrix, settings_with(algorithm="dbscan", dbscan_eps=0.3, noise="unassigned")
    )
    ((_, clustering),) = fit_candidates(
        matrix, settings_with(algorithm="dbscan", dbscan_eps=0.3, noise="unassigned")
    )[0]
    assert (clustering.labels == -1).sum() > 20
    assert entry.k == 2
    assert entry.silhouette == pytest.approx(silhouette_score(matrix, clustering.labels))
    assert entry.smallest_share == pytest.approx(200 / 440, abs=0.02)
