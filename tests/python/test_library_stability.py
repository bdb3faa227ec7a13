"""Stability tells segments from noise, and equals Hennig's index computed by hand."""

from dataclasses import replace

import numpy as np
import pytest
from customer_segmentation import stability as module
from customer_segmentation.candidates import fit_candidates
from customer_segmentation.settings import Settings
from customer_segmentation.stability import bootstrap_jaccard, measure_stability
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import jaccard_score, silhouette_score
from threadpoolctl import threadpool_limits

SETTINGS = Settings(features=("a",), stability_runs=10, k=4)


def fitted(matrix, settings=SETTINGS):
    (((_, clustering),), _) = fit_candidates(matrix, settings)
    return clustering.labels


@pytest.fixture(scope="module")
def blobs():
    return make_blobs(600, 3, centers=4, cluster_std=0.8, random_state=3)[0]


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(1).uniform(size=(600, 6))


def test_clear_segments_come_out_again(blobs):
    found = measure_stability(blobs, fitted(blobs), "kmeans", 4, SETTINGS)
    assert (found.jaccard > 0.95).all()
    assert found.seed_agreement == pytest.approx(1.0)
    silhouette = silhouette_score(blobs, fitted(blobs))
    assert silhouette > found.noise_silhouette + 10 * found.noise_silhouette_error


def test_segments_of_noise_do_not(noise):
    labels = fitted(noise)
    found = measure_stability(noise, labels, "kmeans", 4, SETTINGS)
    assert (found.jaccard < 0.75).all()
    assert found.seed_agreement < 0.9
    assert silhouette_score(noise, labels) < found.noise_silhouette + 0.02


def test_jaccard_follows_its_definition(noise):
    settings = replace(SETTINGS, stability_runs=3, seed=2)
    labels = fitted(noise, settings)
    rng = np.random.default_rng(2)
    runs = []
    for _ in range(3):
        drawn = np.unique(rng.integers(600, size=600))
        again = KMeans(4, n_init=10, random_state=2, tol=0, max_iter=1000).fit_predict(noise[drawn])
        runs.append(
            [
                max(jaccard_score(labels[drawn] == own, again == other) for other in range(4))
                for own in range(4)
            ]
        )
    found = bootstrap_jaccard(noise, labels, "kmeans", 4, settings)
    np.testing.assert_allclose(found, np.mean(runs, axis=0), atol=1e-12)


def test_many_rows_are_thinned(monkeypatch, blobs):
    monkeypatch.setattr(module, "STABILITY_ROWS", 200)
    found = measure_stability(blobs, fitted(blobs), "kmeans", 4, SETTINGS)
    assert (found.jaccard > 0.9).all()


def test_label_that_no_sample_holds_is_unknown():
    matrix = np.vstack([np.zeros((2000, 1)), np.ones((2000, 1)), [[9.0]]])
    labels = np.repeat([0, 1, 2], [2000, 2000, 1])
    settings = replace(SETTINGS, k=2, stability_runs=1, seed=0)
    found = bootstrap_jaccard(matrix, labels, "kmeans", 2, settings)
    # the only row of the third label is one of 4,001, of which 2,000 are used
    assert len(found) in (2, 3)
    assert found[:2] == pytest.approx([1.0, 1.0], abs=0.01)


def test_threads_of_linear_algebra_do_not_change_a_byte(noise):
    labels = fitted(noise)
    outcomes = set()
    for threads in (1, 2, 4):
        with threadpool_limits(limits=threads):
            outcomes.add(repr(measure_stability(noise, labels, "kmeans", 4, SETTINGS)))
    assert len(outcomes) == 1
