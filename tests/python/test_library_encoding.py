"""Categorical features become 0/1 inputs, as scikit-learn's encoder makes them, and one vote."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from customer_segmentation.preprocessing import Preprocessing, fit_preprocessing
from customer_segmentation.settings import Settings
from customer_segmentation.training import training_from_frame
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from training_rows import training_of

# 100 customers: shares 50, 30, 12, 7, 1 %.
COUNTRIES = ["Norway"] * 50 + ["Chile"] * 30 + [None] * 12 + ["Fiji"] * 7 + ["Malta"]
CHANNELS = ["web"] * 40 + ["shop"] * 60


@pytest.fixture
def spend():
    return np.random.default_rng(2).lognormal(3, 1, 100)


def settings_with(*features, **changes):
    return Settings(features=features, **changes)


def fitted(spend, settings, **categories):
    training = training_of(np.array([spend]).T, ["spend"], **categories)
    return fit_preprocessing(training, settings)[0], training


def names(preprocessing):
    return list(preprocessing.input_names)


def test_indicators_equal_the_one_hot_encoder(spend):
    preprocessing, training = fitted(
        spend, settings_with("country", "spend", min_level_share=0.07), country=COUNTRIES
    )
    encoder = OneHotEncoder(
        min_frequency=7, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    texts = np.array([["~missing" if text is None else text] for text in COUNTRIES])
    expected = encoder.fit_transform(texts)
    assert encoder.categories_[0].tolist() == ["Chile", "Fiji", "Malta", "Norway", "~missing"]
    assert names(preprocessing) == [
        "country=Chile",
        "country=Fiji",
        "country=Norway",
        "country=(missing)",
        "country=(other)",
        "spend",
    ]
    unscaled = preprocessing.scaled(training) * preprocessing.scale + preprocessing.centre
    np.testing.assert_allclose(unscaled[:, :5], expected, atol=1e-12)
    np.testing.assert_allclose(preprocessing.centre[:5], StandardScaler().fit(expected).mean_)

    strangers = training_of([[1.0]] * 3, ["spend"], country=["Peru", "Malta", None])
    unscaled = preprocessing.scaled(strangers) * preprocessing.scale + preprocessing.centre
    np.testing.assert_allclose(
        unscaled[:, :5],
        encoder.transform([["Peru"], ["Malta"], ["~missing"]]),
        atol=1e-12,
    )


def test_rare_nulls_go_where_rare_levels_go(spend):
    preprocessing, _ = fitted(
        spend, settings_with("spend", "country", min_level_share=0.2), country=COUNTRIES
    )
    assert names(preprocessing) == ["spend", "country=Chile", "country=Norway", "country=(other)"]
    np.testing.assert_allclose(preprocessing.centre[1:], [0.3, 0.5, 0.2])
    row = preprocessing.columns()
    assert row["feature_names"] == ["spend", "country", "country", "country"]
    assert row["transform"] == ["log", "one_hot", "one_hot", "one_hot"]
    for column in ("imputation", "lower_bound", "upper_bound", "power"):
        assert row[column][1:] == [None, None, None], column


def test_a_share_that_just_reaches_the_limit_is_kept(spend):
    # 0.07 * 100 is a little more than 7 in floating point.
    for share, kept in ((0.07, True), (0.0701, False)):
        preprocessing, _ = fitted(
            spend, settings_with("spend", "country", min_level_share=share), country=COUNTRIES
        )
        assert ("country=Fiji" in names(preprocessing)) is kept


@pytest.mark.parametrize("scaling", ["standard", "minmax", "none"])
@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_an_attribute_has_the_weight_of_an_average_number(spend, scaling, weight):
    settings = settings_with(
        "spend", "country", "channel", "visits", scaling=scaling, categorical_weight=weight
    )
    training = training_of(
        np.column_stack([spend, np.arange(100.0)]),
        ["spend", "visits"],
        country=COUNTRIES,
        channel=CHANNELS,
    )
    preprocessing, _ = fit_preprocessing(training, settings)
    variance = preprocessing.scaled(training).var(axis=0)
    inputs = np.array(preprocessing.feature_names)
    average = variance[[0, -1]].mean()
    assert inputs[[0, -1]].tolist() == ["spend", "visits"]
    for feature in ("country", "channel"):
        assert variance[inputs == feature].sum() == pytest.approx(weight * average)
        assert len(set(preprocessing.scale[inputs == feature])) == 1


def test_a_constant_number_does_not_lower_the_weight_of_an_attribute():
    training = training_of(
        np.column_stack([np.arange(100.0), np.full(100, 3.0)]), ["a", "b"], channel=CHANNELS
    )
    preprocessing, _ = fit_preprocessing(training, settings_with("a", "b", "channel"))
    variance = preprocessing.scaled(training).var(axis=0)
    np.testing.assert_allclose([variance[0], variance[1], variance[2:].sum()], [1, 0, 1])


def test_attributes_alone_can_be_the_model():
    training = training_of(np.empty((100, 0)), [], channel=CHANNELS, country=COUNTRIES)
    preprocessing, is_inlier = fit_preprocessing(
        training, settings_with("channel", "country", outliers="isolation_forest")
    )
    variance = preprocessing.apply(training).var(axis=0)
    assert names(preprocessing)[:3] == ["channel=shop", "channel=web", "channel=(other)"]
    np.testing.assert_allclose([variance[:3].sum(), variance[3:].sum()], [1, 1])
    assert is_inlier.all()
    assert preprocessing.columns()["correlations"] == []


def test_an_attribute_of_one_level_is_zero_and_a_stranger_is_not(spend):
    preprocessing, training = fitted(
        spend, settings_with("spend", "country"), country=["Norway"] * 100
    )
    assert (preprocessing.scaled(training)[:, 1:] == 0).all()
    stranger = preprocessing.scaled(training_of([[1.0]], ["spend"], country=["Peru"]))
    assert stranger[0, 1:].tolist() == [-1.0, 1.0]


def test_outliers_teach_no_shares(spend):
    spend[60:65] = 1e5 * np.arange(1, 6) ** 2
    settings = settings_with(
        "spend", "channel", outliers="isolation_forest", outlier_share=0.1, min_level_share=0
    )
    training = training_of(np.array([spend]).T, ["spend"], channel=CHANNELS)
    preprocessing, is_inlier = fit_preprocessing(training, settings)
    assert not is_inlier[60:65].any()
    inside = np.array(CHANNELS)[is_inlier]
    np.testing.assert_allclose(
        preprocessing.centre[1:], [(inside == "shop").mean(), (inside == "web").mean(), 0]
    )


def test_texts_that_look_like_the_collecting_levels_belong_to_them(spend):
    odd = ["(other)"] * 40 + ["(missing)"] * 10 + [None] * 10 + ["web"] * 40
    preprocessing, training = fitted(
        spend, settings_with("spend", "country", min_level_share=0.15), country=odd
    )
    assert names(preprocessing)[1:] == ["country=web", "country=(missing)", "country=(other)"]
    np.testing.assert_allclose(preprocessing.centre[1:], [0.4, 0.2, 0.4])
    again = Preprocessing.from_columns(preprocessing.columns())
    np.testing.assert_array_equal(again.apply(training), preprocessing.apply(training))


def test_regression_ignores_attributes_between_numbers():
    matrix = np.column_stack([np.arange(100.0), 2 * np.arange(100.0) + 1])
    matrix[:9, 0] = np.nan
    training = training_of(matrix, ["a", "b"], channel=CHANNELS)
    settings = settings_with(
        "a",
        "channel",
        "b",
        imputation="regression",
        transform="none",
        scaling="none",
        outliers="none",
    )
    preprocessing, _ = fit_preprocessing(training, settings)
    weights = np.array(preprocessing.columns()["imputation_weights"])
    assert weights.shape == (5, 6)
    assert not weights[1:4].any()
    assert not weights[:, 1:4].any()
    np.testing.assert_allclose(preprocessing.apply(training)[:9, 0], np.arange(9.0), atol=1e-9)


def test_too_many_levels_are_refused(spend):
    levels = [f"L{number:02d}" for number in range(51)] + ["L00"] * 49
    with pytest.raises(ValueError, match=r"country has 51 levels .* at most 50 .* raise segm.* to"):
        fitted(spend, settings_with("spend", "country", min_level_share=0), country=levels)
    levels[50] = "L00"
    preprocessing, _ = fitted(
        spend, settings_with("spend", "country", min_level_share=0), country=levels
    )
    assert len(names(preprocessing)) == 52


def test_attribute_without_values_is_refused(spend):
    with pytest.raises(ValueError, match=r"feature country is null for every customer"):
        fitted(spend, settings_with("spend", "country"), country=[None] * 100)


def test_transform_of_an_attribute_is_refused(spend):
    settings = settings_with("spend", "country", transform_overrides={"country": "log"})
    with pytest.raises(ValueError, match=r"overrides names country, which holds text .* remove it"):
        fitted(spend, settings, country=COUNTRIES)


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_text_is_read_whatever_its_type(dtype):
    frame = pd.DataFrame(
        {
            "customer_id": ["A", "B", "C", "D"],
            "as_of": pd.Timestamp("2025-01-01"),
            "monetary_value": [1.0, 2.0, 3.0, 4.0],
            "country": pd.Series(["Peru", None, "", "Chile"]).astype(dtype),
            "is_member": pd.Series([True, None, False, True], dtype=object),
            "discount": [Decimal("0.5"), None, Decimal(2), Decimal(3)],
            "visits": [4, 3, 2, 1],
            "flag": [True, False, True, False],
        }
    )
    features = ("visits", "country", "is_member", "discount", "flag")
    training = training_from_frame(frame, features)
    assert training.features == ("visits", "is_member", "discount", "flag")
    # Sorted by the country first, nulls before all texts; among nulls, the discount 2 before none.
    assert training.customer_id == ["C", "B", "D", "A"]
    assert training.categories["country"].tolist() == [None, None, "Chile", "Peru"]
    np.testing.assert_array_equal(
        training.matrix, [[2, 0, 2, 1], [3, np.nan, np.nan, 0], [1, 1, 3, 0], [4, 1, 0.5, 1]]
    )
    for rows in (np.array([True, False, False, True]), np.array([0, 3])):
        taken = training.take(rows)
        assert (taken.customer_id, len(taken)) == (["C", "A"], 2)
        assert taken.categories["country"].tolist() == [None, "Peru"]
        np.testing.assert_array_equal(taken.matrix, training.matrix[[0, 3]])
        np.testing.assert_array_equal(taken.spend, [3.0, 1.0])


def test_fingerprint_covers_texts_and_neither_row_order_nor_types(spend):
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:03d}" for number in range(100)],
            "as_of": pd.Timestamp("2025-01-01"),
            "monetary_value": spend,
            "spend": spend,
            "country": COUNTRIES,
        }
    )
    settings = settings_with("spend", "country")

    def fingerprint(rows):
        return training_from_frame(rows, settings.features).fingerprint(settings)

    base = fingerprint(frame)
    assert fingerprint(frame.sample(frac=1, random_state=1)) == base
    assert fingerprint(frame.astype({"country": object}).fillna({"country": ""})) == base
    for row, text in ((3, "Chile"), (3, None), (85, "Norway")):
        other = frame.copy()
        other.loc[row, "country"] = text
        assert fingerprint(other) != base
