"""Bins frozen at training: right edges, shares as pandas counts them, and no bin empty."""

import numpy as np
import pandas as pd
import pytest
from customer_segmentation.drift import drift_bins
from customer_segmentation.settings import Settings
from hypothesis import given
from hypothesis import strategies as st
from training_rows import training_of


def bins_of(values):
    training = training_of(np.array([values], dtype=float).T, ["a"])
    (bins,) = drift_bins(training, Settings(features=("a",)))
    return bins


def bins_of_texts(texts, min_level_share=0.05):
    training = training_of(np.empty((len(texts), 0)), [], a=texts)
    settings = Settings(features=("a",), min_level_share=min_level_share)
    (bins,) = drift_bins(training, settings)
    return bins


def test_numbers_are_cut_at_their_deciles_like_pandas():
    values = np.random.default_rng(1).lognormal(3, 2, 1237)
    bins = bins_of(np.append(values, [np.nan] * 63))
    codes, edges = pd.qcut(values, 10, labels=False, retbins=True)
    np.testing.assert_allclose(bins["edges"], edges[1:-1], rtol=1e-12)
    np.testing.assert_allclose(bins["shares"], [63 / 1300, *(np.bincount(codes) / 1300)])
    assert (bins["feature"], bins["levels"]) == ("a", None)


def test_repeated_deciles_are_one_edge():
    # 85 of 100 are nil, so eight deciles are. The last one is a tenth of the way between the values
    # at ranks 89 and 90 (from 0), which are 4.5 and 5.5.
    bins = bins_of([0.0] * 85 + [0.5 + number for number in range(15)])
    np.testing.assert_allclose(bins["edges"], [0.0, 4.6])
    np.testing.assert_allclose(bins["shares"], [0.0, 0.85, 0.05, 0.1])


def test_few_whole_numbers_are_bins_of_their_own():
    bins = bins_of([1] * 50 + [2] * 30 + [5] * 15 + [np.nan] * 5)
    assert bins["edges"] == [1.5, 2.5]
    assert bins["shares"] == [0.05, 0.5, 0.3, 0.15]
    ten = bins_of(np.arange(10))
    assert ten["edges"] == [number + 0.5 for number in range(9)]


def test_many_whole_numbers_are_cut_between_neighbours():
    bins = bins_of(np.arange(100))
    # Deciles of 0 to 99 are 9.9, 19.8, ...
    assert bins["edges"] == [9.5, 19.5, 29.5, 39.5, 49.5, 59.5, 69.5, 79.5, 89.5]
    assert bins["shares"] == [0.0] + [0.1] * 10
    skewed = bins_of([1] * 70 + list(range(2, 32)))
    assert skewed["edges"] == [1.5, 11.5, 21.5]
    assert skewed["shares"] == pytest.approx([0.0, 0.7, 0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    ("values", "shares"),
    [([np.nan] * 4, [1.0, 0.0]), ([2.5] * 3 + [np.nan], [0.25, 0.75]), ([7], [0.0, 1.0])],
)
def test_without_two_values_there_is_one_bin(values, shares):
    assert bins_of(values)["edges"] == []
    assert bins_of(values)["shares"] == shares


def test_levels_are_bins_and_the_last_takes_the_rest():
    texts = ["web"] * 50 + ["shop"] * 40 + ["fax"] * 4 + [None] * 6
    bins = bins_of_texts(texts)
    assert bins["levels"] == ["shop", "web", "(other)"]
    assert bins["shares"] == [0.06, 0.4, 0.5, 0.04]
    assert bins["edges"] is None
    assert bins_of_texts(["(other)"] * 3 + [None])["levels"] == ["(other)"]
    assert bins_of_texts(["(other)"] * 3 + [None])["shares"] == [0.25, 0.75]


def test_every_feature_has_bins_in_the_order_of_the_setting():
    training = training_of(np.arange(8.0).reshape(4, 2), ["x", "z"], y=["p", "q", "p", None])
    settings = Settings(features=("z", "y", "x"))
    assert [bins["feature"] for bins in drift_bins(training, settings)] == ["z", "y", "x"]


numbers = st.one_of(
    st.lists(st.integers(-30, 30).map(float), min_size=1, max_size=200),
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=200),
    st.lists(st.sampled_from([0.0, 0.1, 0.25, 7.0, 1e6, np.nan]), min_size=1, max_size=200),
)


@given(values=numbers)
def test_shares_are_those_of_counted_edges_and_no_bin_is_empty(values):
    bins = bins_of(values)
    values, edges = np.array(values), np.array(bins["edges"])
    missing = np.isnan(values)
    # The rule in words, as SQL applies it: 1 + the number of edges strictly below.
    numbers = np.where(missing, 0, 1 + (edges < values[:, None]).sum(axis=1))
    counts = np.bincount(numbers, minlength=len(edges) + 2)
    np.testing.assert_allclose(bins["shares"], counts / len(values), atol=1e-15)
    assert sum(bins["shares"]) == pytest.approx(1.0, abs=1e-12)
    assert len(edges) <= 9
    assert (np.diff(edges) > 0).all()
    assert missing.all() or (counts[1:] > 0).all()
