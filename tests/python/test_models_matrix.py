"""Every algorithm, each with a preprocessing of its own, through real builds on two data sets.

What SQL scores is held against the library, for every customer, and against scikit-learn where it
can say the same thing by itself.
"""

import numpy as np
import pytest
from customer_segmentation.preprocessing import Preprocessing
from customer_segmentation.prototypes import UNASSIGNED, Prototypes
from customer_segmentation.training import training_from_frame
from project_runner import together
from sklearn.cluster import AgglomerativeClustering, BisectingKMeans
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

FEATURES = ["recency_days", "frequency", "monetary", "average_order_value", "tenure_days"]
RFM = ["recency_days", "frequency", "monetary"]
MODELS = {
    "kmeans": {"outliers": "iqr", "scaling": "robust", "imputation": "mean"},
    "pca": {"algorithm": "kmeans", "pca_variance": 0.9},
    "minibatch_kmeans": {"transform": "yeo_johnson", "transform_overrides": {"monetary": "log"}},
    "bisecting_kmeans": {"scaling": "minmax", "k": 5},
    "gmm": {
        "features": [*FEATURES, "mean_days_between_orders"],
        "imputation": "regression",
        "k_method": "bic",
    },
    "agglomerative": {"max_correlation": 0.7, "features": [*FEATURES, "age_days"], "k": 4},
    "hdbscan": {
        "features": RFM,
        "noise": "unassigned",
        "min_segment_share": 0.05,
        "min_samples": 30,
    },
    "dbscan": {"features": RFM},
    "autoencoder": {"outliers": "isolation_forest", "k": 4},
    "ensemble": {"features": [*FEATURES, "country"], "k": 4},
}
EXACT = {"kmeans", "pca", "minibatch_kmeans", "gmm"}
# What a segment needs, and the tests that speak about it.
SELECTION = (
    *("--indirect-selection", "empty"),
    "--select",
    "+segments,resource_type:model",
    "+segments,resource_type:seed",
    "segments_cover_every_customer",
    "no_segment_of_the_model_is_empty",
    "current_model_is_faithful",
)


@pytest.fixture(scope="module", params=["demo", "online_retail"])
def built(request):
    """Return one built project per model, two built at a time."""
    project = request.getfixturevalue(request.param)

    def build(name, changes):
        settings = {"algorithm": name, "features": FEATURES, "stability_runs": 0} | changes
        vars_ = {f"segmentation_{key}": value for key, value in settings.items()}
        return project.variant(f"matrix_{name}", vars_).build(*SELECTION)

    names = list(MODELS)
    runs = [lambda name=name: build(name, MODELS[name]) for name in names]
    return dict(zip(names, together(*runs), strict=True))


def registry_of(project):
    (row,) = project.frame("select * from segment_model").to_dict("records")
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in row.items()
    }


def customers_of(project, row):
    """Return the segments with the raw features, sorted by customer, and the library's rows."""
    features = list(dict.fromkeys(row["feature_names"]))
    texts = {"country"}
    columns = ", ".join(
        f"nullif(trim({name}), '') as {name}" if name in texts else f"cast({name} as double) {name}"
        for name in features
    )
    frame = project.frame(
        f"select customer_id, as_of, 0 as monetary_value, {columns.replace('monetary_value,', '')} "
        "from feature_snapshot order by customer_id"
    )
    training = training_from_frame(frame, features)
    order = np.argsort(training.customer_id, kind="stable")
    segments = project.frame("select * from segments order by customer_id")
    assert segments["customer_id"].tolist() == [training.customer_id[i] for i in order]
    return segments, training.take(order)


def matrix_of(row):
    return np.array([np.asarray(values, dtype=float) for values in row])


def prototypes_of(row):
    ids = np.array(row["prototype_segment_id"])
    kept = np.unique(ids[ids != 0])
    return kept, Prototypes(
        position=matrix_of(row["prototype"]),
        label=np.where(ids == 0, UNASSIGNED, np.searchsorted(kept, ids)),
        weight=matrix_of(row["prototype_weight"]),
        offset=np.array(row["prototype_offset"]),
        membership_rule=row["membership_rule"],
    )


def agreement(one, other):
    """Return the share of rows on which two labellings agree, label by label at best."""
    one, other = np.unique(one, return_inverse=True)[1], np.unique(other, return_inverse=True)[1]
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    return table.max(axis=1).sum() / len(one)


@pytest.mark.parametrize("name", MODELS)
def test_sql_scores_every_customer_as_the_library_does(built, name):
    row = registry_of(built[name])
    segments, training = customers_of(built[name], row)
    matrix = Preprocessing.from_columns(row).apply(training)
    kept, prototypes = prototypes_of(row)
    labels = prototypes.assign(matrix)
    expected = np.where(labels == UNASSIGNED, 0, kept[labels])
    assert (segments["segment_id"].to_numpy() == expected).all()
    assert row["algorithm"] == MODELS[name].get("algorithm", name)
    assert row["fidelity"] == 1 if name in EXACT else row["fidelity"] >= 0.95
    assert set(segments["segment_id"]) - {0} == set(kept)


def test_membership_of_a_mixture_is_predict_proba(built):
    row = registry_of(built["gmm"])
    segments, training = customers_of(built["gmm"], row)
    matrix = Preprocessing.from_columns(row).apply(training)
    variance = 0.5 / matrix_of(row["prototype_weight"])
    offset = np.array(row["prototype_offset"])
    model = GaussianMixture(row["k"], covariance_type="diag")
    model.means_ = matrix_of(row["prototype"])
    model.covariances_ = variance
    model.precisions_cholesky_ = 1 / np.sqrt(variance)
    model.weights_ = np.exp(-(offset - 0.5 * np.log(2 * np.pi * variance).sum(axis=1)))
    assert model.weights_.sum() == pytest.approx(1, abs=1e-9)
    proba = model.predict_proba(matrix)
    ids = np.array(row["prototype_segment_id"])
    assert (segments["segment_id"].to_numpy() == ids[proba.argmax(axis=1)]).all()
    np.testing.assert_allclose(segments["membership"], proba.max(axis=1), atol=1e-6)
    second = np.sort(proba, axis=1)[:, -2]
    runner_up = segments["runner_up_segment_id"].to_numpy(dtype=int)
    clear = second > 1e-9
    assert (runner_up[clear] == ids[np.argsort(proba, axis=1)[:, -2]][clear]).all()
    # It is a fixed point of the expectation-maximisation of scikit-learn.
    again = GaussianMixture(
        row["k"],
        covariance_type="diag",
        means_init=model.means_,
        weights_init=model.weights_,
        precisions_init=1 / variance,
        tol=1e-9,
        max_iter=1,
    )
    with np.errstate(all="ignore"), pytest.warns():
        again.fit(matrix)
    np.testing.assert_allclose(again.means_, model.means_, atol=0.01)


def test_components_and_kmeans_are_those_of_a_pipeline(built):
    row = registry_of(built["pca"])
    segments, training = customers_of(built["pca"], row)
    raw = training.matrix
    low, high = np.quantile(raw, [0.01, 0.99], axis=0)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        FunctionTransformer(np.clip, kw_args={"a_min": low, "a_max": high}),
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        StandardScaler(),
        PCA(n_components=0.9, svd_solver="full"),
    )
    reduced = pipeline.fit_transform(raw)
    prototype = matrix_of(row["prototype"])
    assert reduced.shape[1] == prototype.shape[1] < len(FEATURES)
    ids = np.array(row["prototype_segment_id"])
    nearest = ((reduced[:, None] - prototype[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (segments["segment_id"].to_numpy() == ids[nearest]).all()
    # ... and the prototypes are the means of their customers, as k-means leaves them
    for position, id_ in zip(prototype, ids, strict=True):
        own = reduced[segments["segment_id"].to_numpy() == id_]
        np.testing.assert_allclose(own.mean(axis=0), position, atol=1e-9)
    shares = built["pca"].rows(
        "select component, variance_share, is_kept from principal_components order by component"
    )
    expected = PCA(svd_solver="full").fit(pipeline[:-1].transform(raw)).explained_variance_ratio_
    np.testing.assert_allclose([share for _, share, _ in shares], expected, atol=1e-9)
    assert [kept for *_, kept in shares] == [True] * reduced.shape[1] + [False] * (
        len(FEATURES) - reduced.shape[1]
    )


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("agglomerative", AgglomerativeClustering(4, linkage="ward")),
        ("bisecting_kmeans", BisectingKMeans(5, random_state=0, n_init=10)),
    ],
)
def test_compiled_prototypes_keep_to_the_algorithm_of_scikit_learn(built, name, model):
    row = registry_of(built[name])
    segments, training = customers_of(built[name], row)
    matrix = Preprocessing.from_columns(row).apply(training)
    # The order of the rows decides nothing but ties here.
    own = model.fit_predict(matrix)
    assert agreement(own, segments["segment_id"].to_numpy()) >= 0.95
    assert len(set(own)) == row["k"]


def test_noise_is_unassigned_or_given_to_the_nearest(built):
    unassigned = built["hdbscan"].value("select count(*) from segments where segment_id = 0")
    share = built["hdbscan"].value("select segment_share[1] from segment_model")
    total = built["hdbscan"].value("select count(*) from segments")
    assert 0 < unassigned < total / 2
    assert unassigned / total == pytest.approx(share, abs=1e-9)
    assert built["dbscan"].value("select count(*) from segments where segment_id = 0") == 0


def test_correlated_feature_is_dropped_and_named(built):
    row = registry_of(built["agglomerative"])
    dropped = built["agglomerative"].rows(
        "select dropped_feature, reason from feature_correlations where dropped_feature is not null"
    )
    names = {name for name, _ in dropped}
    assert names
    assert set(row["feature_names"]) == {*FEATURES, "age_days"} - names
    assert all(name in reason and "0.7" in reason for name, reason in dropped)
