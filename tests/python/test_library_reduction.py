"""The correlation filter drops what repeats, and PCA in the registry equals scikit-learn's."""

import numpy as np
import pandas as pd
import pytest
from customer_segmentation.preprocessing import fit_preprocessing
from customer_segmentation.settings import Settings
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from training_rows import training_of

FEATURES = ("a", "b", "c", "d")
PLAIN = {"transform": "none", "outliers": "none"}


@pytest.fixture
def matrix():
    """Return rows where b nearly repeats a, c follows both loosely, and d stands alone."""
    rng = np.random.default_rng(8)
    a = rng.normal(50, 10, 400)
    b = 3 * a + rng.normal(0, 8, 400)
    c = 0.5 * b + rng.normal(0, 20, 400)
    return np.column_stack([a, b, c, rng.exponential(5, 400)])


def fitted(matrix, features=FEATURES, **changes):
    training = training_of(matrix, features)
    settings = Settings(**{"features": features, **PLAIN, **changes})
    return fit_preprocessing(training, settings)[0], training


def table(preprocessing):
    return {
        (pair["feature"], pair["other_feature"]): pair
        for pair in preprocessing.columns()["correlations"]
    }


@pytest.mark.parametrize("transform", ["none", "log"])
def test_correlations_of_scaled_features_equal_pandas(matrix, transform):
    preprocessing, training = fitted(matrix, transform=transform)
    expected = pd.DataFrame(preprocessing.scaled(training), columns=FEATURES).corr()
    pairs = table(preprocessing)
    assert list(pairs) == [
        ("a", "b"),
        ("a", "c"),
        ("a", "d"),
        ("b", "c"),
        ("b", "d"),
        ("c", "d"),
    ]
    for (one, other), pair in pairs.items():
        assert pair["correlation"] == pytest.approx(expected.loc[one, other], abs=1e-11)
        assert pair["dropped_feature"] is pair["reason"] is None
    assert preprocessing.feature_names == FEATURES


def test_of_a_pair_above_the_limit_the_more_entangled_is_dropped(matrix):
    preprocessing, training = fitted(matrix, max_correlation=0.9)
    correlation = np.abs(np.corrcoef(matrix, rowvar=False))
    means = correlation[:2, 2:].mean(axis=1)
    dropped, spared = ("b", "a") if means[1] > means[0] else ("a", "b")
    pair = table(preprocessing)["a", "b"]
    assert pair["dropped_feature"] == dropped
    assert pair["reason"] == (
        f"a correlates with b at {correlation[0, 1]:.2f}, above segmentation_max_correlation = "
        f"0.9; {dropped} is dropped because it correlates more with the other features "
        f"({means.max():.2f} against {means.min():.2f})"
    )
    assert preprocessing.feature_names == (spared, "c", "d")
    # The rest is scaled as if the dropped feature had never been named.
    kept = [FEATURES.index(name) for name in preprocessing.feature_names]
    alone, rows = fitted(matrix[:, kept], preprocessing.feature_names)
    np.testing.assert_array_equal(preprocessing.apply(training), alone.apply(rows))
    assert len(table(preprocessing)) == 6


def test_drops_go_on_until_no_pair_is_above_the_limit(matrix):
    preprocessing, _ = fitted(matrix, max_correlation=0.2)
    kept = preprocessing.feature_names
    pairs = table(preprocessing)
    dropped = [pair["dropped_feature"] for pair in pairs.values() if pair["dropped_feature"]]
    assert sorted([*kept, *dropped]) == list(FEATURES)
    assert len(dropped) == 2
    for one, other in pairs:
        if one in kept and other in kept:
            assert abs(pairs[one, other]["correlation"]) <= 0.2


def test_in_a_tie_the_later_listed_is_dropped(matrix):
    twins = np.column_stack([matrix[:, 0], -7.3 * matrix[:, 0] / 3])
    preprocessing, _ = fitted(twins, ("x", "y"), max_correlation=0.9999)
    assert preprocessing.feature_names == ("x",)
    assert table(preprocessing)["x", "y"]["correlation"] == -1.0
    assert table(preprocessing)["x", "y"]["reason"] == (
        "x correlates with y at -1.00, above segmentation_max_correlation = 0.9999; y is dropped "
        "because it is listed later"
    )
    # Multiples of one feature tie whatever rounding says, which makes of the second and the third
    # here the only pair that correlates perfectly.
    multiples = np.column_stack([matrix[:, 0] * factor for factor in (4.61, 8.54, 3.63)])
    rounded = np.corrcoef(multiples, rowvar=False)
    assert rounded[0, 1] < 1
    assert rounded[0, 2] < 1
    assert rounded[1, 2] == 1
    preprocessing, _ = fitted(multiples, ("a", "b", "c"), scaling="none", max_correlation=0.5)
    assert preprocessing.feature_names == ("a",)
    dropped = [pair["dropped_feature"] for pair in preprocessing.correlations]
    assert dropped == ["b", "c", None]


def test_a_reason_shows_enough_decimals():
    x = np.arange(100.0)
    near = np.column_stack([x, x + 1.7 * np.sin(x)])
    r = np.corrcoef(near, rowvar=False)[0, 1]
    limit = round(r - 6e-5, 4)
    (pair,) = fitted(near, ("x", "y"), max_correlation=limit)[0].correlations
    shown = float(pair["reason"].split(" at ")[1].split(",")[0])
    assert limit < shown
    assert shown == pytest.approx(r, abs=r - limit)


def test_a_constant_feature_correlates_with_none(matrix):
    matrix[:, 2] = 4.2
    preprocessing, _ = fitted(matrix, max_correlation=0.9)
    pairs = table(preprocessing)
    for pair in pairs.values():
        is_constant = "c" in (pair["feature"], pair["other_feature"])
        assert (pair["correlation"] is None) is is_constant
    assert "c" in preprocessing.feature_names
    assert fitted(np.full((5, 4), 4.2), max_correlation=0.5)[0].feature_names == FEATURES


def test_a_dropped_feature_fills_no_gaps(matrix):
    matrix[:20, 2] = np.nan
    changes = {"max_correlation": 0.9, "imputation": "regression"}
    preprocessing, training = fitted(matrix, **changes)
    assert len(preprocessing.feature_names) == 3
    assert np.array(preprocessing.columns()["imputation_weights"]).shape == (3, 4)
    assert np.isfinite(preprocessing.apply(training)).all()


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.999, 1.0])
def test_pca_equals_a_scikit_learn_pipeline(matrix, share):
    matrix[::17, 3] = np.nan
    preprocessing, training = fitted(matrix, transform="log", pca_variance=share)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        StandardScaler(),
        PCA(share if share < 1 else None, svd_solver="full"),
    )
    expected = pipeline.fit_transform(matrix)
    result = preprocessing.apply(training)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, atol=1e-10)
    fresh = np.array([[1e5, -40.0, 3.0, np.nan], [0.0, 0.0, 0.0, 0.0]])
    np.testing.assert_allclose(
        preprocessing.apply(training_of(fresh, FEATURES)), pipeline.transform(fresh), atol=1e-9
    )

    components = preprocessing.columns()["components"]
    whole = PCA(svd_solver="full").fit(pipeline[:-1].fit_transform(matrix))
    for column, values in {
        "explained_variance": whole.explained_variance_,
        "variance_share": whole.explained_variance_ratio_,
        "cumulative_share": np.cumsum(whole.explained_variance_ratio_),
        "component": [1, 2, 3, 4],
        "is_kept": np.arange(4) < expected.shape[1],
    }.items():
        found = [component[column] for component in components]
        np.testing.assert_allclose(found, values, rtol=1e-10, err_msg=column)


@pytest.mark.parametrize("scaling", ["minmax", "robust", "none"])
def test_the_mean_that_components_subtract_is_part_of_the_centre(matrix, scaling):
    preprocessing, training = fitted(matrix, scaling=scaling, pca_variance=0.9)
    row = preprocessing.columns()
    scaled = (matrix - row["centre"]) / row["scale"]
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(
        preprocessing.apply(training), scaled @ np.array(row["projection"]).T, atol=1e-10
    )
    plain, _ = fitted(matrix, scaling=scaling)
    expected = PCA(0.9, svd_solver="full").fit_transform(plain.apply(training))
    np.testing.assert_allclose(preprocessing.apply(training), expected, atol=1e-9)


def test_pca_covers_attributes_and_leaves_outliers_out(matrix):
    matrix[:20] *= 50
    colours = np.resize(["red", "blue", "green"], len(matrix))
    settings = Settings(
        features=(*FEATURES, "colour"),
        transform="none",
        outliers="isolation_forest",
        outlier_share=0.05,
        pca_variance=0.8,
    )
    training = training_of(matrix, FEATURES, colour=colours)
    preprocessing, is_inlier = fit_preprocessing(training, settings)
    scaled = preprocessing.scaled(training)
    assert scaled.shape == (400, 8)
    model = PCA(0.8, svd_solver="full").fit(scaled[is_inlier])
    np.testing.assert_allclose(model.mean_, 0, atol=1e-12)
    np.testing.assert_allclose(preprocessing.projection, model.components_, atol=1e-10)
    np.testing.assert_allclose(preprocessing.apply(training), model.transform(scaled), atol=1e-9)
    assert not is_inlier[:20].any()


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_pca_of_rows_that_coincide_is_zero(rows):
    preprocessing, training = fitted(np.full((rows, 4), 4.2), pca_variance=0.9)
    assert preprocessing.apply(training).tolist() == [[0.0]] * rows
    assert preprocessing.components[0]["variance_share"] == 0.0
