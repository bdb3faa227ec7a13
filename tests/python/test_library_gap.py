"""The gap statistic, computed a second time by its definition."""

import numpy as np
import pytest
from customer_segmentation.gap import first_within_one_error, gaps
from customer_segmentation.noise import structureless
from customer_segmentation.settings import Settings
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA


def settings_with(**changes):
    return Settings(**{"features": ("a",), **changes})


@pytest.fixture(scope="module")
def blobs():
    return make_blobs(400, 3, centers=4, cluster_std=1.5, random_state=3)[0]


def test_references_fill_the_box_of_the_principal_axes(blobs):
    drawn = structureless(blobs, np.random.default_rng(0))
    axes = PCA().fit(blobs)
    own, reference = axes.transform(blobs), axes.transform(drawn)
    assert drawn.shape == blobs.shape
    assert (reference.min(axis=0) >= own.min(axis=0) - 1e-9).all()
    assert (reference.max(axis=0) <= own.max(axis=0) + 1e-9).all()
    middle = (own.min(axis=0) + own.max(axis=0)) / 2
    width = own.max(axis=0) - own.min(axis=0)
    np.testing.assert_allclose(reference.mean(axis=0), middle, atol=0.1 * width.max())
    np.testing.assert_allclose(reference.std(axis=0), width / np.sqrt(12), rtol=0.1)


def test_gap_follows_its_definition(blobs):
    settings = settings_with(gap_references=7, seed=5)
    found = gaps(blobs, "kmeans", [2, 3, 4, 5], settings)

    def log_dispersion(data, k):
        # sum over the segments of all pairwise squared distances over twice their size
        labels = KMeans(k, n_init=10, random_state=5, tol=0, max_iter=1000).fit_predict(data)
        total = 0.0
        for label in range(k):
            own = data[labels == label]
            pairwise = ((own[:, None] - own[None]) ** 2).sum()
            total += pairwise / (2 * len(own))
        return np.log(total)

    rng = np.random.default_rng(5)
    references = [structureless(blobs, rng) for _ in range(7)]
    for (gap, error), k in zip(found, [2, 3, 4, 5], strict=True):
        expected = [log_dispersion(reference, k) for reference in references]
        assert gap == pytest.approx(np.mean(expected) - log_dispersion(blobs, k), rel=1e-9)
        assert error == pytest.approx(np.std(expected) * np.sqrt(1 + 1 / 7), rel=1e-9)


def test_rule_finds_the_planted_number(blobs):
    found = gaps(blobs, "kmeans", [2, 3, 4, 5, 6], settings_with())
    assert first_within_one_error(*zip(*found, strict=True)) == 2


def test_rule_needs_a_next_value():
    assert first_within_one_error([0.5, 0.5], [0.1, 0.1]) == 0
    assert first_within_one_error([0.5, 0.8, 0.85], [0.1, 0.1, 0.1]) == 1
    assert first_within_one_error([0.5, 0.8], [0.1, 0.1]) is None
    assert first_within_one_error([0.5], [0.1]) is None


def test_rows_without_spread_have_no_gap():
    assert gaps(np.ones((50, 2)), "kmeans", [1], settings_with()) == [(None, None)]
