"""The indices equal those of R on Fisher's irises: R 4.2.2, cluster 2.1.4, fpc 2.2.10, mclust.

The figures were printed there by `kmeans(x, 3, nstart = 50)`, `mean(silhouette(...)[, 3])`,
`calinhara(x, ...)`, `clusGap(x, K.max = 6, B = 300, d.power = 2, spaceH0 = "scaledPCA")` with 50
starts, `maxSE(..., "Tibs2001SEmax")`, `clusterboot(x, B = 500, clustermethod = kmeansCBI, k = 3)`
and `Mclust(x, G = k, modelNames = "VVI")`, with `x <- as.matrix(iris[, 1:4])`. R draws references
and samples of its own, so that the gap and the bootstrap agree within what chance allows.
"""

import numpy as np
import pytest
from customer_segmentation.candidates import fit_candidates, measure_candidates
from customer_segmentation.gap import first_within_one_error, gaps
from customer_segmentation.settings import Settings
from customer_segmentation.stability import bootstrap_jaccard
from sklearn.datasets import load_iris


@pytest.fixture(scope="module")
def irises():
    return load_iris().data


def candidates(matrix, **changes):
    settings = Settings(features=("a",), **changes)
    fits, _ = fit_candidates(matrix, settings)
    return measure_candidates(matrix, fits, settings), fits


def test_inertia_silhouette_and_calinski_harabasz(irises):
    ((entry,), _) = candidates(irises, k=3)
    assert entry.inertia == pytest.approx(78.8514414261, rel=1e-11)
    assert entry.silhouette == pytest.approx(0.552819012356, abs=1e-11)
    assert entry.calinski_harabasz == pytest.approx(561.62775663, rel=1e-11)


def test_gap_and_its_rule(irises):
    gap_in_r = [0.5875620, 0.8727790, 1.0011324, 1.0435813, 1.0645309]
    error_in_r = [0.0462606, 0.0426881, 0.0424843, 0.0394023, 0.0392470]
    settings = Settings(features=("a",), gap_references=60)
    found = gaps(irises, "kmeans", [2, 3, 4, 5, 6], settings)
    for (gap, error), gap_there, error_there in zip(found, gap_in_r, error_in_r, strict=True):
        # four standard errors of the mean of 60 references
        assert gap == pytest.approx(gap_there, abs=0.025)
        assert error == pytest.approx(error_there, rel=0.4)
    # k = 5
    assert first_within_one_error(gap_in_r, error_in_r) == 3


def test_bootstrapped_jaccard(irises):
    _, ((_, clustering),) = candidates(irises, k=3)
    settings = Settings(features=("a",), k=3, stability_runs=200)
    found = bootstrap_jaccard(irises, clustering.labels, "kmeans", 3, settings)
    sizes = np.bincount(clustering.labels)
    by_size = dict(zip(sizes.tolist(), found, strict=True))
    assert by_size == pytest.approx({62: 0.9569370, 38: 0.9467887, 50: 1.0}, abs=0.02)


@pytest.mark.parametrize(("k", "bic"), [(2, 857.551493869), (3, 744.631660843)])
def test_bic_of_a_diagonal_mixture(irises, k, bic):
    ((entry,), ((_, clustering),)) = candidates(irises, algorithm="gmm", k=k)
    # mclust has no floor under the variances, ours is a thousandth of the smallest
    assert entry.bic == pytest.approx(bic, abs=0.02)
    if k == 3:
        assert sorted(np.bincount(clustering.labels)) == [36, 50, 64]
