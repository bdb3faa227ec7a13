"""Every algorithm is what scikit-learn or scipy says it is, and SQL can score its answer."""

import numpy as np
import pytest
from customer_segmentation.algorithms import ALGORITHMS, density, kmeans
from customer_segmentation.algorithms.hierarchy import cut, grow_tree
from customer_segmentation.prototypes import UNASSIGNED
from customer_segmentation.settings import Settings
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    BisectingKMeans,
    KMeans,
    MiniBatchKMeans,
)
from sklearn.datasets import make_blobs, make_circles
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

EXACT = ["kmeans", "minibatch_kmeans", "gmm"]
CHOSEN_K = [name for name, algorithm in ALGORITHMS.items() if not algorithm.finds_k]


def settings_with(**changes):
    return Settings(**{"features": ("a", "b", "c"), **changes})


def fit(name, matrix, k=None, start=None, **changes):
    """Prepare and fit one algorithm; k is left out for those that find it."""
    settings = settings_with(algorithm=name, **changes)
    algorithm = ALGORITHMS[name]
    prepared = algorithm.prepare(matrix, settings, start)
    return algorithm.fit(matrix, prepared, None if algorithm.finds_k else k, settings)


@pytest.fixture(scope="module")
def blobs():
    """Return 2,000 rows in five groups of unequal size and width, far enough apart to be found."""
    sizes, widths = [700, 500, 400, 300, 100], [1.0, 0.7, 1.3, 0.5, 0.8]
    places = [[0, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9], [9, 9, 9]]
    return make_blobs(sizes, 3, centers=np.array(places), cluster_std=widths, random_state=1)


def skewed_rows(n):
    rng = np.random.default_rng(5)
    rows = np.log1p(np.exp(rng.normal(size=(n, 3)) @ rng.normal(size=(3, 3))))
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


@pytest.fixture(scope="module")
def skewed():
    """Return 3,000 correlated rows without groups, the harder thing to summarise."""
    return skewed_rows(3000)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_groups_that_lie_apart_are_found(blobs, name):
    matrix, truth = blobs
    found = fit(name, matrix, 5)
    # Density leaves the edges of the groups unassigned.
    assert adjusted_rand_score(truth, found.labels) > (0.93 if ALGORITHMS[name].finds_k else 0.97)
    assert set(found.prototypes.label) - {UNASSIGNED} == set(range(5))
    assert found.fidelity > 0.97


@pytest.mark.parametrize("name", ALGORITHMS)
def test_answer_is_consistent(blobs, name):
    matrix, _ = blobs
    found = fit(name, matrix, 5)
    np.testing.assert_array_equal(found.labels, found.prototypes.assign(matrix))
    groups = [matrix[found.labels == label] for label in np.unique(found.labels) if label >= 0]
    inertia = sum(((rows - rows.mean(axis=0)) ** 2).sum() for rows in groups)
    assert found.inertia == pytest.approx(inertia, rel=1e-9)
    assert found.labels.dtype.kind == "i"
    assert (found.bic is not None) == (name == "gmm")
    assert (found.ambiguous_pairs is not None) == (name == "ensemble")
    if name in EXACT:
        assert ALGORITHMS[name].is_exact
        assert found.fidelity == 1.0
        assert found.prototypes.label.tolist() == list(range(5))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_threads_do_not_change_a_byte(blobs, name):
    outcomes = set()
    for threads in (1, 2, 4):
        with threadpool_limits(limits=threads):
            found = fit(name, blobs[0], 5, subsample_size=1500)
        outcomes.add(found.prototypes.position.tobytes() + repr(found.fidelity).encode())
    assert len(outcomes) == 1


@pytest.mark.parametrize("name", CHOSEN_K)
def test_another_seed_is_another_fit(skewed, name):
    outcomes = {
        fit(name, skewed, 6, seed=seed, n_init=1, subsample_size=1500).prototypes.position.tobytes()
        for seed in (0, 0, 2**32 - 1)
    }
    assert len(outcomes) == 2


# --- k-means


def test_kmeans_equals_scikit_learn_to_the_bit(skewed):
    found = fit("kmeans", skewed, 6, n_init=4, seed=11)
    with threadpool_limits(limits=1):
        model = KMeans(6, n_init=4, random_state=11, tol=0, max_iter=1000).fit(skewed)
    np.testing.assert_array_equal(found.labels, model.labels_)
    np.testing.assert_array_equal(found.prototypes.position, model.cluster_centers_)
    assert found.inertia == model.inertia_


def test_many_rows_come_to_rest_and_are_no_worse_than_scikit_learn():
    many = skewed_rows(30_000)
    assert len(many) > kmeans.ROWS_TO_START_WITH
    for k in (3, 6, 8):
        found = fit("kmeans", many, k)
        assert found.inertia <= 1.001 * KMeans(k, n_init=10, random_state=0).fit(many).inertia_
        # At rest, a centre is the mean of its rows, and each row is with its nearest centre.
        means = [many[found.labels == label].mean(axis=0) for label in range(k)]
        np.testing.assert_allclose(found.prototypes.position, means, atol=1e-12)
        np.testing.assert_array_equal(found.labels, found.prototypes.assign(many))


@pytest.mark.parametrize("name", ["kmeans", "gmm"])
def test_warm_start_is_the_only_start(skewed, name):
    cold = fit(name, skewed, 4, seed=3)
    order = [2, 0, 3, 1]
    start = KMeans(4, n_init=10, random_state=3).fit(skewed).cluster_centers_[order]
    warm = fit(name, skewed, 4, start=start)
    # Labels follow the order of the centres given, which no drawn start would know.
    assert np.linalg.norm(warm.prototypes.position - start, axis=1).max() < 1.5
    nearest = [np.linalg.norm(start - place, axis=1).argmin() for place in warm.prototypes.position]
    assert nearest == [0, 1, 2, 3]
    assert adjusted_rand_score(warm.labels, cold.labels) > 0.9
    # For another k the centres are of no use.
    other = fit(name, skewed, 5, start=start)
    np.testing.assert_array_equal(other.labels, fit(name, skewed, 5).labels)


def test_minibatch_kmeans_equals_scikit_learn(skewed):
    found = fit("minibatch_kmeans", skewed, 6, n_init=3, seed=5)
    with threadpool_limits(limits=1):
        model = MiniBatchKMeans(6, n_init=3, random_state=5).fit(skewed)
    np.testing.assert_array_equal(found.prototypes.position, model.cluster_centers_)
    np.testing.assert_array_equal(found.labels, model.predict(skewed))


# --- hierarchies


def test_bisecting_kmeans_is_faithful_to_scikit_learn(skewed):
    for k in (3, 5, 8):
        found = fit("bisecting_kmeans", skewed, k)
        truth = BisectingKMeans(k, n_init=10, random_state=0).fit(skewed).labels_
        assert found.fidelity >= 0.94
        assert (found.labels == truth).mean() >= found.fidelity - 0.02


@pytest.mark.parametrize("k", [1, 2, 3, 7, 20, 3000])
def test_tree_of_ward_equals_scikit_learn(skewed, k):
    tree = grow_tree(skewed, settings_with())
    labels = cut(tree.prepared, k)
    truth = AgglomerativeClustering(k, linkage="ward").fit(skewed).labels_
    assert sorted(set(labels)) == list(range(k))
    assert adjusted_rand_score(truth, labels) == 1.0


def test_cut_gives_as_many_parts_as_asked_where_joins_are_equally_high():
    tree = linkage(np.arange(8.0)[:, None], "single")
    assert [len(set(cut(tree, k))) for k in range(1, 9)] == list(range(1, 9))


def test_agglomerative_says_how_faithful_it_is_to_ward(blobs, skewed):
    for matrix, k, fidelity in [(blobs[0], 5, 0.99), (skewed, 3, 0.9)]:
        found = fit("agglomerative", matrix, k)
        truth = AgglomerativeClustering(k, linkage="ward").fit(matrix).labels_
        assert found.fidelity >= fidelity
        # Labels may be numbered in another way: the best match of each counts.
        table = np.array(
            [[((found.labels == i) & (truth == j)).sum() for j in range(k)] for i in range(k)]
        )
        assert table.max(axis=1).sum() / len(matrix) >= found.fidelity - 0.02


# --- mixture


def test_mixture_equals_scikit_learn(skewed):
    settings = settings_with(algorithm="gmm")
    found = fit("gmm", skewed, 4)
    start = fit("kmeans", skewed, 4)
    floor = 1e-3 * skewed.var(axis=0).min()
    groups = [skewed[start.labels == label] for label in range(4)]
    model = GaussianMixture(
        4,
        covariance_type="diag",
        tol=1e-5,
        max_iter=1000,
        reg_covar=floor,
        random_state=settings.seed,
        weights_init=[len(rows) / len(skewed) for rows in groups],
        means_init=[rows.mean(axis=0) for rows in groups],
        precisions_init=[1 / (rows.var(axis=0) + floor) for rows in groups],
    ).fit(skewed)
    np.testing.assert_allclose(
        found.prototypes.membership(skewed), model.predict_proba(skewed), atol=1e-9
    )
    np.testing.assert_array_equal(found.labels, model.predict(skewed))
    assert found.bic == pytest.approx(model.bic(skewed), rel=1e-12)
    assert found.prototypes.membership_rule == "softmax"


def test_distances_of_a_mixture_are_its_likelihood(skewed):
    """The log likelihood from the distances alone, by the density of scipy, gives the BIC."""
    found = fit("gmm", skewed, 3)
    likelihood = np.logaddexp.reduce(-found.prototypes.distances(skewed), axis=1).sum()
    parameters = 3 * 3 + 3 * 3 + 2
    assert found.bic == pytest.approx(parameters * np.log(len(skewed)) - 2 * likelihood, rel=1e-10)


def test_component_of_equal_values_keeps_a_variance():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(500, 3))
    matrix[:200, 0] = -3.0
    found = fit("gmm", matrix, 2)
    assert np.isfinite(found.prototypes.weight).all()
    assert found.prototypes.weight.max() <= 0.5 / (1e-3 * matrix.var(axis=0).min()) * 1.001
    assert len(set(found.labels[:200])) == 1


# --- density


@pytest.fixture(scope="module")
def rings():
    """Return two rings, one inside the other, which no centre can tell apart, and strays."""
    matrix, _ = make_circles(1800, factor=0.4, noise=0.03, random_state=2)
    strays = np.random.default_rng(3).uniform(-3, 3, size=(80, 2))
    strays = strays[np.abs(np.linalg.norm(strays, axis=1) - 0.7) > 0.8]
    return np.vstack([matrix, strays])


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("hdbscan", HDBSCAN(min_cluster_size=37, min_samples=5, copy=True)),
        ("dbscan", DBSCAN(eps=0.15, min_samples=5)),
    ],
)
def test_density_is_faithful_to_scikit_learn(rings, name, model):
    truth = model.fit_predict(rings)
    assert truth.max() == 1
    found = fit(name, rings, dbscan_eps=0.15, noise="unassigned")
    assert found.prototypes.label.max() == 1
    assert found.fidelity >= 0.97
    assert (found.labels == truth).mean() >= found.fidelity - 0.02
    assert 10 < (found.labels == UNASSIGNED).sum() < 80

    nearest = fit(name, rings, dbscan_eps=0.15, noise="nearest")
    assert nearest.labels.min() == 0
    assert (nearest.labels[:1800] == truth[:1800])[truth[:1800] >= 0].mean() > 0.97


def test_radius_of_dbscan_is_found_by_itself(rings):
    found = fit("dbscan", rings)
    assert found.labels.max() == 1
    assert adjusted_rand_score(fit("dbscan", rings, dbscan_eps=0.15).labels, found.labels) > 0.9


def test_radius_is_where_the_sorted_distances_bend(rings):
    """The point farthest below the chord, up to the percentile that the curve is drawn by."""
    settings = settings_with(min_samples=7)
    distance = np.sort(NearestNeighbors(n_neighbors=7).fit(rings).kneighbors(rings)[0][:, -1])
    along = np.linspace(0, 1, len(distance))
    height = (distance - distance[0]) / (distance[-1] - distance[0])
    bend = np.argmax(along - height)
    radius, *lower = density._radii(rings, settings)
    low, high = np.quantile(distance, np.clip(along[bend] + np.array([-0.015, 0.015]), 0, 1))
    assert low <= radius <= high
    assert lower == sorted(lower, reverse=True)
    assert lower[0] == np.quantile(distance, 0.9) < radius


def test_lower_radius_is_tried_where_the_knee_leaves_one_crowd():
    """Two crowds of unlike density that touch: the knee joins them, a decile tells them apart."""
    rng = np.random.default_rng(6)
    bridge = np.column_stack([np.linspace(-3, 9, 160), np.zeros(160)])
    matrix = np.vstack(
        [rng.normal([0, 0], 0.5, (900, 2)), rng.normal([6, 0], 0.5, (900, 2)), bridge]
    )
    radius = density._radii(matrix, settings_with())[0]
    with pytest.raises(ValueError, match="only one crowd"):
        fit("dbscan", matrix, dbscan_eps=radius)
    assert fit("dbscan", matrix).labels.max() == 1


def test_small_crowds_are_unassigned_in_dbscan():
    matrix, truth = make_blobs([400, 400, 10], 3, centers=np.eye(3) * 20, random_state=0)
    found = fit("dbscan", matrix, dbscan_eps=1.5, min_segment_share=0.05, noise="unassigned")
    assert found.prototypes.label.max() == 1
    assert set(found.labels[truth == 2]) == {UNASSIGNED}
    kept = fit("dbscan", matrix, dbscan_eps=1.5, min_segment_share=0.01)
    assert kept.prototypes.label.max() == 2


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        (
            "hdbscan",
            {},
            r"^segmentation_algorithm hdbscan finds no crowd of at least 40 % of the customers, "
            r"but there must be two: lower segmentation_min_segment_share or "
            r'segmentation_min_samples, or set segmentation_algorithm to "kmeans"\.$',
        ),
        (
            "dbscan",
            {"dbscan_eps": 5.0},
            r"dbscan finds only one crowd of .* set segmentation_dbscan_eps below 5, or set",
        ),
        (
            "dbscan",
            {"dbscan_eps": 1e-6},
            r"dbscan finds no crowd of .* set segmentation_dbscan_eps above 1e-06, or set",
        ),
        ("dbscan", {}, r"dbscan finds (no|only one) crowd of .* set segmentation_dbscan_eps"),
    ],
)
def test_fewer_than_two_crowds_are_refused(name, changes, message):
    matrix = np.random.default_rng(0).normal(size=(400, 3))
    with pytest.raises(ValueError, match=message):
        fit(name, matrix, min_segment_share=0.4, **changes)


@pytest.mark.parametrize("name", ["hdbscan", "dbscan"])
@pytest.mark.parametrize("matrix", [np.zeros((1, 2)), np.zeros((50, 2)), np.eye(3)])
def test_hardly_any_rows_have_no_two_crowds(name, matrix):
    with pytest.raises(ValueError, match="but there must be two"):
        fit(name, matrix)


# --- network


def test_autoencoder_is_faithful_to_scikit_learn(skewed):
    found = fit("autoencoder", skewed, 4, seed=2)
    with threadpool_limits(limits=1):
        model = MLPRegressor(
            hidden_layer_sizes=(6, 2, 6),
            activation="tanh",
            solver="lbfgs",
            tol=1e-2,
            max_iter=2000,
            random_state=2,
        ).fit(skewed, skewed)
        code = skewed
        for weights, bias in list(zip(model.coefs_, model.intercepts_, strict=True))[:2]:
            code = np.tanh(code @ weights + bias)
        truth = KMeans(4, n_init=10, random_state=2).fit_predict(code)
    assert model.score(skewed, skewed) > 0.9
    assert found.fidelity > 0.95
    assert adjusted_rand_score(truth, found.labels) > 0.9


@pytest.mark.parametrize("dimensions", [1, 2, 3, 9])
def test_network_is_narrower_than_its_input_where_it_can_be(dimensions):
    matrix = np.random.default_rng(0).normal(size=(300, dimensions))
    settings = settings_with()
    code = ALGORITHMS["autoencoder"].prepare(matrix, settings).prepared
    assert code.shape == (300, {1: 1, 2: 1, 3: 2, 9: 5}[dimensions])
    assert np.abs(code).max() <= 1.0


def test_code_keeps_more_than_the_same_number_of_features():
    """From half the numbers the rows can be told: a linear map back explains most of them."""
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(800, 2)) @ rng.normal(size=(2, 4)) + rng.normal(0, 0.1, (800, 4))
    code = ALGORITHMS["autoencoder"].prepare(matrix, settings_with()).prepared
    design = np.column_stack([code, np.ones(800)])
    residual = matrix - design @ np.linalg.lstsq(design, matrix, rcond=None)[0]
    assert code.shape == (800, 2)
    assert residual.var() / matrix.var() < 0.15


# --- ensemble


def test_members_agree_on_groups_and_disagree_without(blobs, skewed):
    agreed = fit("ensemble", blobs[0], 5).ambiguous_pairs
    disputed = fit("ensemble", skewed, 5).ambiguous_pairs
    assert agreed < 0.25 < disputed


def test_no_pair_is_ambiguous_when_all_members_agree():
    matrix = make_blobs(300, 3, centers=np.eye(3)[:2] * 50, random_state=0)[0]
    assert fit("ensemble", matrix, 2).ambiguous_pairs == 0.0


# --- subsamples


@pytest.mark.parametrize(
    "name", ["agglomerative", "hdbscan", "dbscan", "autoencoder", "ensemble", "bisecting_kmeans"]
)
def test_subsample_speaks_for_all_rows(blobs, name):
    matrix, truth = blobs
    found = fit(name, matrix, 5, subsample_size=600)
    assert len(found.labels) == len(matrix)
    assert adjusted_rand_score(truth, found.labels) > 0.9
    rows = ALGORITHMS["hdbscan"].prepare(matrix, settings_with(subsample_size=600)).rows
    assert len(np.unique(rows)) == 600
