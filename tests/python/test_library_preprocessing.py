"""Preprocessing equals the same steps in scikit-learn, and keeps the numbers that SQL needs."""

import numpy as np
import pytest
from customer_segmentation.preprocessing import fit_preprocessing
from customer_segmentation.settings import Settings
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

FEATURES = ("a", "b", "c")


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


def test_default_preprocessing_equals_a_scikit_learn_pipeline(matrix):
    filled = SimpleImputer(strategy="median").fit_transform(matrix)
    bounds = np.quantile(filled, [0.01, 0.99], axis=0)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        FunctionTransformer(lambda x: np.clip(x, *bounds)),
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        StandardScaler(),
    )
    fitted = fit_preprocessing(matrix, settings_with())
    expected = pipeline.fit_transform(matrix)
    np.testing.assert_allclose(fitted.apply(matrix), expected, rtol=1e-11, atol=1e-12)
    fresh = np.array([[1e9, -1e9, np.nan], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(fitted.apply(fresh), pipeline.transform(fresh), rtol=1e-11)


def test_outliers_are_clipped_after_nulls_are_filled(matrix):
    matrix[:, 0] = np.nan
    matrix[:10, 0] = np.arange(10.0)
    fitted = fit_preprocessing(matrix, settings_with())
    # Filled, 490 of 500 values are the median 4.5, and the 99 % quantile lies a hundredth of the
    # way from the last of them to the next value, 5. Of the ten known values it would be 8.91.
    np.testing.assert_allclose(fitted.upper_bound[0], 4.505)
    assert fitted.imputation[0] == 4.5


def test_every_step_can_be_switched_off(matrix):
    matrix = np.nan_to_num(matrix)
    off = settings_with(transform="none", scaling="none", outliers="none", imputation="none")
    fitted = fit_preprocessing(matrix, off)
    np.testing.assert_array_equal(fitted.apply(matrix), matrix)
    assert np.isnan(fitted.imputation).all()
    assert np.isneginf(fitted.lower_bound).all()
    assert np.isposinf(fitted.upper_bound).all()


def test_override_changes_one_feature(matrix):
    plain = fit_preprocessing(matrix, settings_with(transform="none"))
    mixed = fit_preprocessing(
        matrix, settings_with(transform="none", transform_overrides={"b": "log"})
    )
    assert mixed.transform == ("none", "log", "none")
    np.testing.assert_array_equal(mixed.apply(matrix)[:, [0, 2]], plain.apply(matrix)[:, [0, 2]])
    assert not np.allclose(mixed.apply(matrix)[:, 1], plain.apply(matrix)[:, 1])


def test_values_that_are_not_finite_count_as_null(matrix):
    holes = np.isnan(matrix)
    expected = fit_preprocessing(matrix, settings_with())
    matrix[holes] = np.resize([np.inf, -np.inf, np.nan], holes.sum())
    fitted = fit_preprocessing(matrix, settings_with())
    np.testing.assert_array_equal(fitted.centre, expected.centre)
    np.testing.assert_array_equal(fitted.apply(matrix), expected.apply(matrix))
    assert np.isfinite(fitted.apply(matrix)).all()


@given(value=st.floats(-1e12, 1e12), rows=st.integers(1, 400))
def test_constant_feature_becomes_zero_and_never_divides_by_zero(value, rows):
    fitted = fit_preprocessing(np.full((rows, 1), value), Settings(features=("a",)))
    assert fitted.scale[0] == 1.0
    assert (fitted.apply(np.full((rows, 1), value)) == 0.0).all()


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50).filter(lambda v: np.std(v) > 1e-6),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
)
def test_preprocessing_keeps_the_order_of_values(train, one, other):
    fitted = fit_preprocessing(np.array([train]).T, Settings(features=("a",)))
    low, high = sorted([one, other])
    assert fitted.apply(np.array([[low]])) <= fitted.apply(np.array([[high]]))


def test_feature_without_values_is_refused(matrix):
    matrix[:, 1] = np.nan
    with pytest.raises(ValueError, match=r"feature b is null .* remove it from segmentation_feat"):
        fit_preprocessing(matrix, settings_with())


def test_null_without_imputation_is_refused(matrix):
    rows = int(np.isnan(matrix).any(axis=1).sum())
    with pytest.raises(ValueError, match=rf'segmentation_imputation is "none", .* a .* {rows} cus'):
        fit_preprocessing(matrix, settings_with(imputation="none"))


def test_values_beyond_double_precision_are_refused(matrix):
    matrix[:, 2] = 1e307 * np.where(np.arange(500) % 2, 1, 0.9)
    with pytest.raises(ValueError, match=r'feature c .* segmentation_transform to "log"'):
        fit_preprocessing(matrix, settings_with(transform="none"))
    assert np.isfinite(fit_preprocessing(matrix, settings_with()).apply(matrix)).all()
