"""Preprocessing equals the same steps in scikit-learn, and keeps the numbers that SQL needs."""

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
from customer_segmentation.preprocessing import Preprocessing, fit_preprocessing
from customer_segmentation.settings import Settings
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import yeojohnson
from sklearn.ensemble import IsolationForest
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  (makes the next line work)
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from threadpoolctl import threadpool_limits
from training_rows import training_of

FEATURES = ("a", "b", "c")
SCALERS = {
    "standard": StandardScaler(),
    "minmax": MinMaxScaler(),
    "robust": RobustScaler(),
    "none": FunctionTransformer(),
}
OFF = {"transform": "none", "scaling": "none", "outliers": "none", "imputation": "none"}


@pytest.fixture
def matrix():
    rng = np.random.default_rng(3)
    values = np.column_stack(
        [rng.lognormal(3, 2, 500), rng.normal(0, 100, 500), rng.poisson(2, 500).astype(float)]
    )
    values[rng.random(values.shape) < 0.05] = np.nan
    return values


def settings_with(**changes):
    return Settings(**{"features": FEATURES, **changes})


def fitted(matrix, **changes):
    """Fit on a matrix of the features a, b and c."""
    return fit_preprocessing(training_of(matrix, FEATURES), settings_with(**changes))[0]


def applied(preprocessing, matrix):
    return preprocessing.apply(training_of(matrix, FEATURES))


def one_feature(values, **changes):
    """Fit on one feature: the preprocessing and its rows."""
    training = training_of(np.array([values], dtype=float).T, ["a"])
    preprocessing, _ = fit_preprocessing(training, Settings(features=("a",), **changes))
    return preprocessing, preprocessing.apply(training)[:, 0]


def test_default_preprocessing_equals_a_scikit_learn_pipeline(matrix):
    filled = SimpleImputer(strategy="median").fit_transform(matrix)
    bounds = np.quantile(filled, [0.01, 0.99], axis=0)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        FunctionTransformer(lambda x: np.clip(x, *bounds)),
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        StandardScaler(),
    )
    preprocessing = fitted(matrix)
    expected = pipeline.fit_transform(matrix)
    np.testing.assert_allclose(applied(preprocessing, matrix), expected, rtol=1e-11, atol=1e-12)
    fresh = np.array([[1e9, -1e9, np.nan], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(applied(preprocessing, fresh), pipeline.transform(fresh), rtol=1e-11)


@pytest.mark.parametrize("imputation", ["median", "mean"])
@pytest.mark.parametrize("scaling", SCALERS)
def test_imputation_and_scaling_equal_a_scikit_learn_pipeline(matrix, imputation, scaling):
    preprocessing = fitted(
        matrix, imputation=imputation, scaling=scaling, transform="none", outliers="none"
    )
    pipeline = make_pipeline(SimpleImputer(strategy=imputation), SCALERS[scaling])
    np.testing.assert_allclose(
        applied(preprocessing, matrix), pipeline.fit_transform(matrix), rtol=1e-11, atol=1e-11
    )
    fresh = np.array([[1e9, -1e9, np.nan], [0.0, np.nan, 7.0]])
    np.testing.assert_allclose(
        applied(preprocessing, fresh), pipeline.transform(fresh), rtol=1e-11, atol=1e-11
    )


def test_regression_equals_the_iterative_imputer_where_one_feature_has_gaps(matrix):
    rng = np.random.default_rng(5)
    matrix[:, 1:] = np.nan_to_num(matrix[:, 1:])
    matrix[:, 0] += 3 * matrix[:, 1] + rng.normal(0, 9, len(matrix))
    preprocessing = fitted(matrix, **{**OFF, "imputation": "regression"})
    imputer = IterativeImputer(LinearRegression(), max_iter=1, tol=1e9)
    expected = imputer.fit_transform(matrix)
    assert np.isnan(matrix).sum() > 10
    np.testing.assert_allclose(applied(preprocessing, matrix), expected, rtol=1e-9, atol=1e-9)
    fresh = np.array([[np.nan, 1e4, -3.0]])
    np.testing.assert_allclose(applied(preprocessing, fresh), imputer.transform(fresh), rtol=1e-9)


def test_regression_takes_gaps_in_the_other_features_for_their_mean(matrix):
    preprocessing = fitted(matrix, **{**OFF, "imputation": "regression"})
    mean = np.nanmean(matrix, axis=0)
    filled = np.where(np.isnan(matrix), mean, matrix)
    for j in range(3):
        known, others = ~np.isnan(matrix[:, j]), np.arange(3) != j
        model = LinearRegression().fit(filled[known][:, others], matrix[known, j])
        np.testing.assert_allclose(
            applied(preprocessing, matrix)[~known, j],
            model.predict(filled[~known][:, others]),
            rtol=1e-9,
        )
    # Weights alone give the same numbers: they are what SQL has.
    row = preprocessing.columns()
    for j, weights in enumerate(np.array(row["imputation_weights"])):
        gaps = np.isnan(matrix[:, j])
        estimate = filled[gaps] @ weights[:-1] + weights[-1]
        np.testing.assert_allclose(applied(preprocessing, matrix)[gaps, j], estimate, rtol=1e-12)
        assert weights[j] == 0
    np.testing.assert_allclose(row["imputation"], mean)


def test_regression_survives_copies_constants_and_units_far_apart(matrix):
    matrix[:, 1] = 1e9 * matrix[:, 0]
    matrix[:, 2] = 4.0
    matrix[:7, 0] = np.nan
    preprocessing = fitted(matrix, **{**OFF, "imputation": "regression"})
    fresh = np.array([[np.nan, 5e9, 4.0], [5.0, 5e9, np.nan], [np.nan, np.nan, np.nan]])
    result = applied(preprocessing, fresh)
    np.testing.assert_allclose(result[0], [5.0, 5e9, 4.0], rtol=0.02)
    assert result[1, 2] == pytest.approx(4.0)
    # With nothing known, least squares at the means of the others: close to the feature's mean.
    np.testing.assert_allclose(result[2], np.nanmean(matrix, axis=0), rtol=0.2)
    assert np.isfinite(applied(preprocessing, matrix)).all()


def test_outliers_are_clipped_after_nulls_are_filled(matrix):
    matrix[:, 0] = np.nan
    matrix[:10, 0] = np.arange(10.0)
    preprocessing = fitted(matrix)
    # Filled, 490 of 500 values are the median 4.5, and the 99 % quantile lies a hundredth of the
    # way from the last of them to the next value, 5. Of the ten known values it would be 8.91.
    np.testing.assert_allclose(preprocessing.upper_bound[0], 4.505)
    assert preprocessing.imputation[0] == 4.5


def test_tukey_fences_by_hand():
    # Quartiles of 0 to 8 are 2 and 6, so the fences are 2 - 6 and 6 + 6.
    preprocessing, rows = one_feature(
        [0, 1, 2, 3, 4, 5, 6, 7, 8], outliers="iqr", transform="none", scaling="none"
    )
    assert (preprocessing.lower_bound, preprocessing.upper_bound) == ([-4.0], [12.0])
    fresh = preprocessing.apply(training_of([[-9.0], [-4.0], [11.0], [99.0]], ["a"]))
    assert fresh[:, 0].tolist() == [-4.0, -4.0, 11.0, 12.0]
    assert rows.tolist() == list(range(9))


def test_tukey_fences_do_not_flatten_a_feature_that_is_mostly_one_value():
    preprocessing, rows = one_feature([0] * 90 + [1] * 10, outliers="iqr", transform="none")
    assert (
        preprocessing.columns()["lower_bound"] == preprocessing.columns()["upper_bound"] == [None]
    )
    assert np.unique(rows).size == 2


def test_isolation_forest_leaves_rows_out_of_everything_but_imputation(matrix):
    settings = settings_with(
        outliers="isolation_forest", outlier_share=0.1, transform="none", seed=4
    )
    preprocessing, is_inlier = fit_preprocessing(training_of(matrix, FEATURES), settings)
    imputer = SimpleImputer(strategy="median").fit(matrix)
    filled = imputer.transform(matrix)
    forest = IsolationForest(contamination=0.1, random_state=4).fit(filled)
    np.testing.assert_array_equal(is_inlier, forest.predict(filled) == 1)
    assert is_inlier.mean() == pytest.approx(0.9, abs=0.005)
    np.testing.assert_array_equal(preprocessing.imputation, imputer.statistics_)
    scaler = StandardScaler().fit(filled[is_inlier])
    np.testing.assert_allclose(preprocessing.centre, scaler.mean_, rtol=1e-12)
    np.testing.assert_allclose(preprocessing.scale, scaler.scale_, rtol=1e-12)
    # An outlier is scored like anybody else, unclipped.
    np.testing.assert_allclose(applied(preprocessing, matrix), scaler.transform(filled), rtol=1e-9)


def test_outliers_do_not_depend_on_the_order_in_which_features_are_listed(matrix):
    changes = {"outliers": "isolation_forest", "outlier_share": 0.1}
    _, is_inlier = fit_preprocessing(training_of(matrix, FEATURES), settings_with(**changes))
    order = [2, 0, 1]
    names = tuple(FEATURES[j] for j in order)
    _, again = fit_preprocessing(
        training_of(matrix[:, order], names), Settings(features=names, **changes)
    )
    np.testing.assert_array_equal(again, is_inlier)


@pytest.mark.parametrize("outliers", ["winsorize", "iqr", "none"])
def test_only_the_isolation_forest_leaves_rows_out(matrix, outliers):
    _, is_inlier = fit_preprocessing(
        training_of(matrix, FEATURES), settings_with(outliers=outliers)
    )
    assert is_inlier.all()


def test_yeo_johnson_equals_the_power_transformer(matrix):
    preprocessing = fitted(matrix, transform="yeo_johnson", outliers="none")
    pipeline = make_pipeline(SimpleImputer(strategy="median"), PowerTransformer())
    np.testing.assert_allclose(
        applied(preprocessing, matrix), pipeline.fit_transform(matrix), atol=1e-4
    )
    np.testing.assert_allclose(preprocessing.power, pipeline[-1].lambdas_, atol=1e-6)
    # The lambdas are of the kinds that differ in their formula: near the logarithm, and linear.
    assert abs(preprocessing.power[0]) < 0.1 < 0.9 < preprocessing.power[1] < 1.1


@given(
    power=st.one_of(st.sampled_from([0.0, 1.0, 2.0]), st.floats(-3, 5).map(lambda x: round(x, 6))),
    value=st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
)
def test_yeo_johnson_formula_equals_scipy(power, value):
    row = {
        **dict.fromkeys(["imputation_weights", "projection", "correlations", "components"]),
        **{"feature_names": ["a"], "input_names": ["a"], "transform": ["yeo_johnson"]},
        **{"imputation": [None], "lower_bound": [None], "upper_bound": [None]},
        **{"power": [power], "centre": [0.0], "scale": [1.0]},
    }
    result = Preprocessing.from_columns(row).apply(training_of([[value]], ["a"]))[0, 0]
    # Next to 0 and 2, ours subtracts numbers that are almost equal.
    assert result == pytest.approx(yeojohnson(np.array([value]), power)[0], rel=1e-9, abs=1e-9)


def test_yeo_johnson_leaves_a_constant_and_keeps_powers_within_limits():
    preprocessing, rows = one_feature([7.5] * 20, transform="yeo_johnson")
    assert preprocessing.power == [1.0]
    assert (rows == 0).all()
    # One value in a hundred differs: the likelihood asks for a power of about -140, with which
    # -1000 would become minus infinity.
    for sign, power in ((1, -47.992766), (-1, 49.992766)):
        preprocessing, rows = one_feature(
            [0.0] * 99 + [float(sign)], transform="yeo_johnson", outliers="none"
        )
        assert preprocessing.power == [power]
        far = preprocessing.apply(training_of([[-1e3], [1e3]], ["a"]))
        assert np.isfinite(far**2).all()
        assert rows.std() == pytest.approx(1.0)


def test_every_step_can_be_switched_off(matrix):
    matrix = np.nan_to_num(matrix)
    preprocessing = fitted(matrix, **OFF)
    np.testing.assert_array_equal(applied(preprocessing, matrix), matrix)
    row = preprocessing.columns()
    for column in ("imputation", "lower_bound", "upper_bound", "power"):
        assert row[column] == [None, None, None], column
    assert row["imputation_weights"] is row["projection"] is row["components"] is None


def test_override_changes_one_feature(matrix):
    plain = fitted(matrix, transform="none")
    mixed = fitted(matrix, transform="none", transform_overrides={"b": "log"})
    assert mixed.transform == ("none", "log", "none")
    one, other = applied(mixed, matrix), applied(plain, matrix)
    np.testing.assert_array_equal(one[:, [0, 2]], other[:, [0, 2]])
    assert not np.allclose(one[:, 1], other[:, 1])


def test_values_that_are_not_finite_count_as_null(matrix):
    holes = np.isnan(matrix)
    expected = fitted(matrix)
    matrix[holes] = np.resize([np.inf, -np.inf, np.nan], holes.sum())
    preprocessing = fitted(matrix)
    np.testing.assert_array_equal(preprocessing.centre, expected.centre)
    np.testing.assert_array_equal(applied(preprocessing, matrix), applied(expected, matrix))
    assert np.isfinite(applied(preprocessing, matrix)).all()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"imputation": "regression", "transform": "yeo_johnson", "scaling": "robust"},
        {"outliers": "isolation_forest", "pca_variance": 0.7, "scaling": "minmax"},
        {"max_correlation": 0.01, "outliers": "iqr", "imputation": "mean"},
    ],
)
def test_a_registry_row_read_back_from_duckdb_is_the_same(matrix, changes):
    colours = np.resize(["red", "blue", None], len(matrix))
    training = training_of(matrix, FEATURES, colour=colours)
    preprocessing, _ = fit_preprocessing(
        training, settings_with(features=(*FEATURES, "colour"), **changes)
    )
    columns = preprocessing.columns()
    assert json.loads(json.dumps(columns, allow_nan=False)) == columns
    types = {
        "feature_names": "varchar[]",
        "input_names": "varchar[]",
        "transform": "varchar[]",
        **dict.fromkeys(["imputation_weights", "projection"], "double[][]"),
        "correlations": "struct(feature varchar, other_feature varchar, correlation double, "
        "dropped_feature varchar, reason varchar)[]",
        "components": "struct(component integer, explained_variance double, variance_share "
        "double, cumulative_share double, is_kept boolean)[]",
    }
    with duckdb.connect() as session:
        declared = ", ".join(f"{name} {types.get(name, 'double[]')}" for name in columns)
        session.execute(f"create table registry ({declared})")
        session.execute(
            f"insert into registry values ({', '.join('?' * len(columns))})", list(columns.values())
        )
        frame = session.table("registry").df()
    for row in (columns, frame.iloc[0], frame.to_dict("records")[0]):
        again = Preprocessing.from_columns(row)
        assert again.columns() == columns
        np.testing.assert_array_equal(again.apply(training), preprocessing.apply(training))


@pytest.mark.parametrize(
    "changes",
    [
        {"imputation": "regression", "pca_variance": 0.8, "max_correlation": 0.01},
        {"outliers": "isolation_forest", "transform": "yeo_johnson"},
    ],
)
def test_numbers_do_not_depend_on_the_count_of_threads(changes):
    matrix = np.random.default_rng(1).lognormal(size=(3000, 8))
    features = tuple("abcdefgh")
    training = training_of(matrix, features)
    results = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            preprocessing, _ = fit_preprocessing(training, Settings(features=features, **changes))
            results.append((preprocessing.columns(), preprocessing.apply(training).tobytes()))
    assert results[0] == results[1]


def test_a_row_gets_the_same_numbers_alone_as_among_others(matrix):
    preprocessing = fitted(matrix, pca_variance=0.9, imputation="regression")
    together = applied(preprocessing, matrix)
    for i in (0, 17, 499):
        np.testing.assert_array_equal(applied(preprocessing, matrix[i : i + 1])[0], together[i])


@given(value=st.floats(-1e12, 1e12), rows=st.integers(1, 400))
def test_constant_feature_becomes_zero_and_never_divides_by_zero(value, rows):
    for scaling in ("standard", "minmax", "robust"):
        preprocessing, scaled = one_feature([value] * rows, scaling=scaling)
        assert preprocessing.scale[0] == 1.0
        assert (scaled == 0.0).all()


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50).filter(lambda v: np.std(v) > 1e-6),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.sampled_from(["log", "yeo_johnson", "none"]),
)
def test_preprocessing_keeps_the_order_of_values(train, one, other, transform):
    preprocessing, _ = one_feature(train, transform=transform)
    rows = preprocessing.apply(training_of([[min(one, other)], [max(one, other)]], ["a"]))
    assert rows[0] <= rows[1]


def test_feature_without_values_is_refused(matrix):
    matrix[:, 1] = np.nan
    with pytest.raises(ValueError, match=r"feature b is null .* remove it from segmentation_feat"):
        fitted(matrix)


def test_null_without_imputation_is_refused(matrix):
    rows = int(np.isnan(matrix).any(axis=1).sum())
    with pytest.raises(ValueError, match=rf'segmentation_imputation is "none", .* a .* {rows} cus'):
        fitted(matrix, imputation="none")


@pytest.mark.parametrize("outliers", ["winsorize", "none"])
def test_gap_that_first_appears_at_scoring_takes_the_centre(matrix, outliers):
    whole = matrix[~np.isnan(matrix).any(axis=1)]
    preprocessing = fitted(whole, imputation="none", outliers=outliers)
    gaps = whole.copy()
    gaps[::3, 1] = np.nan
    expected = applied(preprocessing, whole)
    expected[::3, 1] = 0.0
    np.testing.assert_array_equal(applied(preprocessing, gaps), expected)


def test_values_beyond_double_precision_are_refused(matrix):
    matrix[:, 2] = 1e307 * np.where(np.arange(500) % 2, 1, 0.9)
    for transform in ("none", "yeo_johnson"):
        with pytest.raises(ValueError, match=r'feature c .* segmentation_transform to "log"'):
            fitted(matrix, transform=transform)
    for imputation in ("mean", "regression"):
        with pytest.raises(ValueError, match=r'feature c .* segmentation_imputation to "median"'):
            fitted(matrix, imputation=imputation)
    with pytest.raises(ValueError, match=r'feature c .* segmentation_outliers to "iqr"'):
        fitted(matrix, outliers="isolation_forest")
    for outliers in ("winsorize", "iqr", "none"):
        assert np.isfinite(applied(fitted(matrix, outliers=outliers), matrix)).all()


def test_rows_without_a_feature_of_the_model_are_refused(matrix):
    preprocessing = fitted(matrix)
    with pytest.raises(ValueError, match=r"uses the number c, .* name it in segmentation_features"):
        preprocessing.apply(training_of(matrix[:, :2], FEATURES[:2]))
    with pytest.raises(ValueError, match="uses the number c"):
        preprocessing.apply(
            training_of(matrix[:, :2], FEATURES[:2], c=pd.Series(["x"] * len(matrix)))
        )
