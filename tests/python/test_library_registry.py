"""A fit depends on its rows and settings alone, and its registry row scores like scikit-learn."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from customer_segmentation import registry
from customer_segmentation.columns import CANDIDATE_COLUMNS, MODEL_COLUMNS
from customer_segmentation.preprocessing import fit_preprocessing
from customer_segmentation.registry import History, Run
from customer_segmentation.settings import Settings
from customer_segmentation.training import training_from_frame
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

FEATURES = ("recency_days", "frequency", "monetary", "return_rate")
TRANSFORMS = {"log": lambda x: np.sign(x) * np.log(1 + np.abs(x)), "none": lambda x: x}


def settings_with(**changes):
    return Settings(**{"features": FEATURES, "stability_runs": 0, **changes})


def score(row, frame):
    """Score customers from a registry row alone, by the formula that SQL uses."""
    columns = []
    for j, feature in enumerate(row["feature_names"]):
        values = frame[feature].to_numpy(dtype=float)
        values = np.where(np.isfinite(values), values, row["imputation"][j])
        if row["lower_bound"][j] is not None:
            values = np.clip(values, row["lower_bound"][j], row["upper_bound"][j])
        values = TRANSFORMS[row["transform"][j]](values)
        columns.append((values - row["centre"][j]) / row["scale"][j])
    z = np.column_stack(columns)[:, None, :]
    squares = np.array(row["prototype_weight"]) * (z - np.array(row["prototype"])) ** 2
    distance = np.array(row["prototype_offset"]) + squares.sum(axis=2)
    return np.array(row["prototype_segment_id"])[distance.argmin(axis=1)]


def fitted(frame, k=4, **changes):
    settings = settings_with(**changes)
    training = training_from_frame(frame, settings.features)
    return registry.compile_model(training, settings, "kmeans", k)


def candidates(training, settings, version=1, newest=0, is_refit=True):
    run = Run(version, is_refit)
    return registry.candidate_rows(training, settings, run, newest, History())


def model(training, settings, chosen, version=1, history=None):
    return registry.model_rows(training, settings, Run(version, True), chosen, history or History())


def is_changed(one, other):
    """Say whether two pairs of training rows and settings have different fingerprints."""
    return one[0].fingerprint(one[1]) != other[0].fingerprint(other[1])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"outliers": "none"},
        {"transform": "none"},
        {"scaling": "none", "transform_overrides": {"recency_days": "none"}},
    ],
)
def test_registry_row_scores_every_customer_like_predict(sample, changes):
    settings = settings_with(**changes)
    row = fitted(sample, **changes)
    training = training_from_frame(sample, FEATURES)
    preprocessing, _ = fit_preprocessing(training, settings)
    model = KMeans(4, n_init=10, random_state=0, tol=0, max_iter=1000)
    model.fit(preprocessing.apply(training))
    newcomers = sample.assign(monetary=sample["monetary"] * -3, recency_days=1e6)
    for frame in (sample, newcomers):
        frame = frame.sort_values("customer_id", ignore_index=True)
        given_order = training_from_frame(frame, FEATURES)
        predicted = pd.Series(
            model.predict(preprocessing.apply(given_order)), given_order.customer_id
        )[frame["customer_id"]].to_numpy()
        segments = score(row, frame)
        pairs = set(zip(predicted.tolist(), segments.tolist(), strict=True))
        # One segment for each label and one label for each segment: the same partition.
        assert len(pairs) == len(set(predicted)) == len(set(segments))
    assert row["inertia"] == pytest.approx(model.inertia_, rel=1e-12)


def test_segments_are_numbered_by_mean_spend(sample):
    row = fitted(sample)
    spend = sample["monetary_value"].groupby(score(row, sample)).mean()
    assert spend.index.tolist() == [1, 2, 3, 4]
    assert spend.is_monotonic_decreasing
    assert row["prototype_segment_id"] == [1, 2, 3, 4]


def test_equal_spend_is_ordered_by_centre(sample):
    row = fitted(sample.assign(monetary_value=10.0))
    assert row["prototype"] == sorted(row["prototype"])


def test_registry_row_is_complete_and_of_one_length(sample):
    row = fitted(sample)
    assert set(row) <= set(MODEL_COLUMNS)
    for column in ("imputation", "lower_bound", "upper_bound", "transform", "centre", "scale"):
        assert len(row[column]) == len(FEATURES)
    assert np.shape(row["prototype"]) == np.shape(row["prototype_weight"]) == (4, len(FEATURES))
    assert np.shape(row["prototype_offset"]) == (4,)
    assert fitted(sample, outliers="none")["lower_bound"] == [None] * 4
    whole = sample.fillna({"return_rate": 0.0})
    assert fitted(whole, imputation="none")["imputation"] == [None] * 4


@hypothesis_settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_row_order_changes_nothing(seed):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.lognormal(2, 1, (40, 4)), columns=list(FEATURES))
    frame = frame.assign(
        customer_id=[f"C{i}" for i in range(40)],
        as_of=pd.Timestamp(2025, 1, 1),
        monetary_value=frame["monetary"],
    )
    # Two pairs of customers who differ by name alone, or by name and spend.
    frame.loc[[1, 3], list(FEATURES)] = frame.loc[[0, 2], list(FEATURES)].to_numpy()
    frame.loc[1, "monetary_value"] = frame.loc[0, "monetary_value"]
    shuffled = frame.sample(frac=1, random_state=seed)
    assert not is_changed(
        (training_from_frame(frame, FEATURES), settings_with()),
        (training_from_frame(shuffled, FEATURES), settings_with()),
    )
    assert fitted(frame, n_init=1) == fitted(shuffled, n_init=1)


def test_row_order_changes_no_candidate(sample):
    settings = settings_with()
    shuffled = sample.sample(frac=1, random_state=5)
    expected, got = (
        candidates(training_from_frame(frame, FEATURES), settings) for frame in (sample, shuffled)
    )
    assert got == expected
    assert [row["k"] for row in got] == [3, 4, 5, 6, 7, 8]
    assert sum(row["is_chosen"] for row in got) == 1
    assert set(got[0]) <= set(CANDIDATE_COLUMNS)


def test_order_of_features_changes_no_segment(sample):
    listed, reversed_ = fitted(sample), fitted(sample, features=FEATURES[::-1])
    np.testing.assert_array_equal(score(reversed_, sample), score(listed, sample))


def test_renamed_customers_keep_their_segments(sample):
    hashed = [hashlib.md5(name.encode()).hexdigest() for name in sample["customer_id"]]
    assert fitted(sample.assign(customer_id=hashed)) == fitted(sample)


def test_customers_of_equal_features_are_ordered_by_spend_before_name(sample):
    twins = sample.assign(**dict.fromkeys(FEATURES, 1.0))
    spend = training_from_frame(twins, FEATURES).spend
    assert (np.diff(spend) >= 0).all()


def test_unknown_spend_counts_as_none(sample):
    known = training_from_frame(sample.assign(monetary_value=0.0), FEATURES)
    unknown = training_from_frame(sample.assign(monetary_value=np.nan), FEATURES)
    np.testing.assert_array_equal(unknown.spend, known.spend)


@pytest.mark.parametrize("factor", [0.01, 117.25])
def test_currency_changes_no_segment(sample, factor):
    without_log = {"transform_overrides": {"monetary": "none"}}
    scaled = sample.assign(
        monetary=sample["monetary"] * factor, monetary_value=sample["monetary_value"] * factor
    )
    before, after = fitted(sample, **without_log), fitted(scaled, **without_log)
    np.testing.assert_array_equal(score(after, scaled), score(before, sample))
    assert after["inertia"] == pytest.approx(before["inertia"], rel=1e-9)


def test_fingerprint_changes_with_data_and_settings(sample):
    training = training_from_frame(sample, FEATURES)
    base = (training, settings_with())
    assert not is_changed(base, (training, settings_with(k=None)))
    assert is_changed(base, (training, settings_with(seed=1)))
    for column, value in {"customer_id": "Z", "monetary": 1.5, "monetary_value": 1.5}.items():
        other = sample.copy()
        other.loc[17, column] = value
        assert is_changed(base, (training_from_frame(other, FEATURES), settings_with())), column
    fewer = training_from_frame(sample.iloc[1:], FEATURES)
    assert is_changed(base, (fewer, settings_with()))


def test_kinds_of_null_and_of_zero_are_one(sample):
    sample["return_rate"] = sample["return_rate"].fillna(0.0)
    sample.loc[:9, "return_rate"] = np.nan
    other = sample.copy()
    other.loc[:9, "return_rate"] = [np.inf, -np.inf, *[np.nan] * 8]
    other["return_rate"] = other["return_rate"].replace(0.0, -0.0)
    base, same = (training_from_frame(frame, FEATURES) for frame in (sample, other))
    assert not is_changed((base, settings_with()), (same, settings_with()))


def test_run_decides_about_a_fit(sample):
    training = training_from_frame(sample, FEATURES)
    settings = settings_with(k=4)
    (first,) = candidates(training, settings)
    assert first["model_version"] == 1
    assert candidates(training, settings, is_refit=False) == []
    assert registry.candidate_rows(training, settings, None, 0, History()) == []
    # a second call in the same run
    assert candidates(training, settings, newest=1) == []

    (row,) = model(training, settings, first)
    assert {column: row[column] for column in ("model_version", "k", "reason")} == {
        "model_version": 1,
        "k": 4,
        "reason": "k = 4 is fixed by segmentation_k.",
    }
    assert row["inertia"] == first["inertia"]
    assert registry.model_rows(training, settings, Run(1, False), first, History()) == []
    assert model(training, settings, first, history=History(row, 4)) == []
    nobody = training_from_frame(sample.iloc[:0], FEATURES)
    assert candidates(nobody, settings) == []
    assert model(nobody, settings, first) == []


def test_fit_of_the_candidates_equals_a_fit_of_its_own(sample):
    training = training_from_frame(sample, FEATURES)
    settings = settings_with(algorithm=("kmeans", "agglomerative"), stability_runs=2)
    (chosen,) = [row for row in candidates(training, settings) if row["is_chosen"]]
    assert registry._last_fit
    (kept,) = model(training, settings, chosen)
    registry._last_fit.clear()
    (again,) = model(training, settings, chosen)
    assert {**kept, "fitted_at": None} == {**again, "fitted_at": None}


def test_warm_start_begins_at_the_last_model(sample):
    training = training_from_frame(sample, FEATURES)
    settings = settings_with(k=4, warm_start=True, n_init=1)
    cold = registry.compile_model(training, settings, "kmeans", 4)
    registry._last_fit.clear()
    warm = registry.compile_model(
        training, settings, "kmeans", 4, History({**cold, "model_version": 1}, 4)
    )
    assert warm["prototype"] == cold["prototype"]
    assert {entry["event"] for entry in warm["lineage"]} == {"kept"}


def test_registry_and_candidates_must_belong_together(sample):
    training = training_from_frame(sample, FEATURES)
    settings = settings_with(k=4)
    (chosen,) = candidates(training, settings)
    with pytest.raises(ValueError, match=r"fit version 3, .* is 1: run .*segmentation_runs\+"):
        model(training, settings, chosen, version=3)
    with pytest.raises(ValueError, match=r"fit version 1, .* is none: run .*segmentation_runs\+"):
        model(training, settings, None)
    other = training_from_frame(sample.iloc[1:], FEATURES)
    with pytest.raises(ValueError, match=r"other training rows .* --select segmentation_runs\+"):
        model(other, settings, chosen)


def test_version_that_may_not_score_never_enters_the_registry(sample):
    # without structure the borders of Ward's segments are ragged
    rng = np.random.default_rng(0)
    noise = sample.assign(**{feature: rng.uniform(size=len(sample)) for feature in FEATURES})
    training = training_from_frame(noise, FEATURES)
    settings = settings_with(algorithm="agglomerative", k=8)
    (chosen,) = candidates(training, settings)
    assert chosen["fidelity"] < 0.95
    with pytest.raises(ValueError, match=r"^segmentation_min_fidelity is 0.95, .* lower segm"):
        model(training, settings, chosen)
    lower = settings_with(algorithm="agglomerative", k=8, min_fidelity=chosen["fidelity"])
    (chosen,) = candidates(training, lower)
    assert len(model(training, lower, chosen)) == 1


def test_missing_feature_is_named(sample):
    with pytest.raises(ValueError, match=r"segmentation_features names tenure_days, but .*: write"):
        training_from_frame(sample, (*FEATURES, "tenure_days"))
