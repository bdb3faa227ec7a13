"""The scores that SQL gives are those of scikit-learn, on all customers of Online Retail.

The project's own settings, with net returns: winsorised, logged and standardised features, and as
many segments as the silhouette asks for. scikit-learn starts from the raw features alone; the
registry row lends it nothing but the centres.
"""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.impute import SimpleImputer
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
    silhouette_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


@pytest.fixture(scope="module")
def registry(online_retail_built):
    """Return the only row of the model registry."""
    (row,) = online_retail_built.frame("select * from segment_model").to_dict("records")
    return row


@pytest.fixture(scope="module")
def customers(online_retail_built, registry):
    """Return the segments with the raw features that the model reads."""
    features = ", ".join(
        f"cast({name} as double) as x_{name}" for name in registry["feature_names"]
    )
    return online_retail_built.frame(
        f"select * from segments join (select customer_id, {features} from feature_snapshot) "
        "using (customer_id) order by customer_id"
    )


@pytest.fixture(scope="module")
def scaled(customers, registry):
    """Return the features as scikit-learn prepares them: impute, clip, log, standardise."""
    raw = customers[[f"x_{name}" for name in registry["feature_names"]]].to_numpy(float)
    low, high = np.quantile(raw, [0.01, 0.99], axis=0)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        FunctionTransformer(np.clip, kw_args={"a_min": low, "a_max": high}),
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        StandardScaler(),
    )
    return pipeline.fit_transform(raw)


@pytest.fixture(scope="module")
def kmeans(registry):
    """Return scikit-learn's k-means with the centres of the registry."""
    centres = np.array(registry["prototype"].tolist(), dtype=float)
    model = KMeans(len(centres), init=centres, n_init=1, max_iter=1).fit(centres)
    model.cluster_centers_ = centres
    return model


def test_segments_equal_predict(customers, scaled, kmeans, registry):
    predicted = np.array(registry["prototype_segment_id"])[kmeans.predict(scaled)]
    assert len(customers) > 4_300
    assert (customers["segment_id"] == predicted).all()


def test_distances_equal_transform(customers, scaled, kmeans, registry):
    distances = np.sort(kmeans.transform(scaled), axis=1)
    assert customers["distance"].to_numpy() == pytest.approx(distances[:, 0], abs=1e-9)
    runner_up = np.array(registry["prototype_segment_id"])[
        np.argsort(kmeans.transform(scaled), axis=1)[:, 1]
    ]
    assert (customers["runner_up_segment_id"] == runner_up).all()


def test_centres_are_where_lloyd_comes_to_rest(customers, scaled, kmeans, registry):
    for centre, segment_id in zip(
        kmeans.cluster_centers_, registry["prototype_segment_id"], strict=True
    ):
        members = scaled[customers["segment_id"] == segment_id]
        assert centre == pytest.approx(members.mean(axis=0), abs=1e-9)


def test_quality_equals_the_metrics_of_scikit_learn(customers, scaled, online_retail_built):
    segment_id = customers["segment_id"].to_numpy()
    quality = online_retail_built.frame("select * from segment_quality").set_index("scope_id")
    overall = quality.loc["all"]
    assert overall["silhouette_squared_euclidean"] == pytest.approx(
        silhouette_score(scaled, segment_id, metric="sqeuclidean"), abs=1e-9
    )
    assert overall["calinski_harabasz"] == pytest.approx(
        calinski_harabasz_score(scaled, segment_id), rel=1e-9
    )
    assert overall["davies_bouldin"] == pytest.approx(
        davies_bouldin_score(scaled, segment_id), rel=1e-9
    )
    samples = silhouette_samples(scaled, segment_id, metric="sqeuclidean")
    for own in np.unique(segment_id):
        assert quality.loc[str(own), "silhouette_squared_euclidean"] == pytest.approx(
            samples[segment_id == own].mean(), abs=1e-9
        )


def test_chosen_k_is_the_best_of_those_allowed(online_retail_built):
    candidates = online_retail_built.frame("select * from segment_candidates order by k")
    assert candidates["k"].tolist() == [3, 4, 5, 6, 7, 8]
    (chosen,) = candidates[candidates["is_chosen"]].to_dict("records")
    assert chosen["silhouette"] == candidates[candidates["is_eligible"]]["silhouette"].max()
    assert (
        online_retail_built.value("select count(distinct segment_id) from segments") == chosen["k"]
    )
