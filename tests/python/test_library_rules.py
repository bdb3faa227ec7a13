"""Rules that imitate an assignment: run as SQL by DuckDB, held against scikit-learn's own tree."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from customer_segmentation.rules import (
    Feature,
    Interval,
    identifier,
    literal,
    rule_rows,
    shortest_between,
)
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score
from sklearn.tree import DecisionTreeClassifier

FINITE = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)


def numbers(*names, nulls=()):
    return [Feature(name, place, name, name in nulls) for place, name in enumerate(names, start=1)]


def found_by(rows, frame):
    """Return the number of rules that each row of a frame meets, and the segment of the last."""
    with duckdb.connect() as connection:
        connection.register("given", frame)
        connection.execute(
            "create table customers as select row_number() over () as n, * from given"
        )
        times = np.zeros(len(frame), dtype=int)
        segment = np.full(len(frame), -1)
        for row in rows:
            query = f"select n - 1 from customers where {row['predicate']}"
            met = np.array([n for (n,) in connection.execute(query).fetchall()], dtype=int)
            assert len(met) == row["training_rows"], row
            times[met] += 1
            segment[met] = row["segment_id"]
    return times, segment


def meets(condition, value):
    """Return whether a value meets a condition, as the macro conditions_met() decides."""
    if condition["levels"] is not None:
        if value is None:
            return condition["takes_null"]
        return (value in condition["levels"]) == condition["is_listed"]
    if np.isnan(value):
        return condition["takes_null"]
    low, high = condition["lower"], condition["upper"]
    return (low is None or value > low) and (high is None or value <= high)


def check(rows, features, values, frame):
    """Check that the rules are a partition, and that text and conditions say the same."""
    times, segment = found_by(rows, frame)
    assert (times == 1).all()
    by_conditions = np.full(len(frame), -1)
    for row in rows:
        for n in range(len(frame)):
            if all(meets(c, values[c["feature"]][n]) for c in row["conditions"]):
                by_conditions[n] = row["segment_id"]
    assert (by_conditions == segment).all()
    assert [row["rule_id"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["segment_id"] for row in rows] == sorted(row["segment_id"] for row in rows)
    places = {feature.name: feature.place for feature in features}
    assert all(c["place"] == places[c["feature"]] for row in rows for c in row["conditions"])
    return segment


@pytest.fixture
def crowd():
    """Return 3,000 customers in four segments that numbers with long tails tell apart."""
    rng = np.random.default_rng(3)
    n = 3000
    frame = pd.DataFrame(
        {
            "recency_days": rng.integers(0, 700, n).astype(float),
            "monetary": np.round(rng.lognormal(5, 2, n), 4),
            "frequency": 1.0 + rng.poisson(3, n),
        }
    )
    segment = np.select(
        [
            np.log1p(frame["monetary"]) > 4 + frame["recency_days"] / 200,
            frame["frequency"] > 4,
            frame["recency_days"] > 365,
        ],
        [1, 2, 7],
        default=4,
    )
    return frame, segment


def test_rules_are_a_partition_as_good_as_the_tree_of_scikit_learn(crowd):
    frame, truth = crowd
    features = numbers(*frame.columns)
    values = {name: frame[name].to_numpy() for name in frame}
    for leaves in (2, 5, 12, 40):
        rows = rule_rows(features, values, truth, max_rules=leaves, seed=0)
        segment = check(rows, features, values, frame)
        tree = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0).fit(frame, truth)
        assert len(rows) <= leaves
        # Merged leaves make room for others, so that it may be better.
        assert accuracy_score(truth, segment) >= accuracy_score(truth, tree.predict(frame)) - 0.003


def test_neighbouring_rules_never_name_one_segment_for_nothing():
    # The best first split parts the majority from itself.
    x = np.arange(100.0)
    truth = np.where(x < 90, 1, 2)
    rows = rule_rows(numbers("x"), {"x": x}, truth, max_rules=12, seed=0)
    assert [row["predicate"] for row in rows] == ["x <= 89", "x > 89"]


def test_nulls_are_where_the_tree_puts_them_and_nowhere_else():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 800)).round(3)
    x[rng.random(800) < 0.2] = np.nan
    y[rng.random(800) < 0.1] = np.nan
    truth = np.select([np.isnan(x), np.nan_to_num(y, nan=-9.0) < 0.2], [3, 1], default=2)
    features = numbers("x", "y", nulls=("x", "y"))
    frame = pd.DataFrame({"x": pd.array(x, dtype="Float64"), "y": pd.array(y, dtype="Float64")})
    frame = frame.mask(frame.isna(), None)
    rows = rule_rows(features, {"x": x, "y": y}, truth, max_rules=6, seed=0)
    segment = check(rows, features, {"x": x, "y": y}, frame)
    assert (segment == truth).all()
    texts = " | ".join(row["predicate"] for row in rows)
    assert "x is null" in texts
    assert "x is not null" in texts
    assert "y is null" in texts


@pytest.mark.parametrize("missing", [("(missing)",), ()])
def test_levels_are_quoted_and_the_rest_is_the_rest(missing):
    rng = np.random.default_rng(5)
    levels = ["Côte d'Ivoire", "DE", 'the "old" one', None, "Peru", "Malta"]
    country = rng.choice(np.array(levels, dtype=object), 900)
    spend = rng.gamma(2, 50, 900).round(2)
    truth = np.select(
        [country == "Côte d'Ivoire", country == "DE", country == 'the "old" one'],
        [1, np.where(spend > 100, 2, 3), 3],
        default=np.where([text is None for text in country], 4 if missing else 5, 5),
    )
    inputs = ("Côte d'Ivoire", "DE", 'the "old" one', *missing, "(other)")
    features = [
        Feature("country", 2, "country", True, inputs),
        Feature("spend", 1, "spend", False),
    ]
    values = {"country": country, "spend": spend}
    rows = rule_rows(features, values, truth, max_rules=8, seed=0)
    segment = check(rows, features, values, pd.DataFrame(values))
    assert (segment == truth).all()
    assert any("country = 'Côte d''Ivoire'" in row["predicate"] for row in rows)
    assert len(rows) <= 8


def test_level_that_the_sample_did_not_show_meets_one_rule():
    country = np.array(["DE"] * 50 + ["FR"] * 50, dtype=object)
    feature = Feature("country", 1, "country", True, ("DE", "FR", "(other)"))
    rows = rule_rows([feature], {"country": country}, np.repeat([1, 2], 50), max_rules=4, seed=0)
    for strange in (None, "Peru"):
        met = [row for row in rows if all(meets(c, strange) for c in row["conditions"])]
        with duckdb.connect() as connection:
            connection.execute("create table customers (country varchar)")
            connection.execute("insert into customers values (?)", [strange])
            said = [
                row
                for row in rows
                if connection.execute(f"from customers where {row['predicate']}").fetchall()
            ]
        assert met == said
        assert len(met) == 1


def test_one_segment_is_one_rule_for_everyone_and_nobody_is_none():
    x = np.arange(5.0)
    (row,) = rule_rows(numbers("x"), {"x": x}, np.full(5, 3), max_rules=12, seed=0)
    assert row == {
        "rule_id": 1,
        "segment_id": 3,
        "predicate": "true",
        "conditions": [],
        "training_rows": 5,
    }
    empty = np.array([], dtype=float)
    assert rule_rows(numbers("x"), {"x": empty}, empty.astype(int), max_rules=12, seed=0) == []


def test_order_of_rows_and_features_decides_nothing(crowd):
    frame, truth = crowd
    features = numbers(*frame.columns)
    values = {name: frame[name].to_numpy() for name in frame}
    expected = rule_rows(features, values, truth, max_rules=12, seed=0)
    order = np.random.default_rng(8).permutation(len(truth))
    shuffled = {name: column[order] for name, column in values.items()}
    assert rule_rows(features[::-1], shuffled, truth[order], max_rules=12, seed=0) == expected


def test_numbers_that_single_precision_confuses_are_told_apart():
    # 24 bits do not tell these apart, and scikit-learn's trees have no more.
    x = np.array([16_777_216.0, 16_777_217.0] * 20)
    rows = rule_rows(numbers("x"), {"x": x}, np.array([1, 2] * 20), max_rules=2, seed=0)
    assert [row["predicate"] for row in rows] == ["x <= 16777216", "x > 16777216"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (30, 31, 30),
        (30, 92, 60),
        (89.95, 110.3, 100),
        (1.37, 1.42, 1.4),
        (0, 0.0625, 0),
        (-12.5, 1000, 0),
        (-3.2, -3.1, -3.2),
        (0.1234, 0.1235, 0.1234),
        (999.9999, 1000, 999.9999),
        (0.1 + 0.2, 0.3000000000000001, 0.30000000000000004),
    ],
)
def test_thresholds_are_round(low, high, expected):
    assert shortest_between(low, high) == expected


@given(FINITE, FINITE)
def test_thresholds_separate_and_survive_as_text(one, other):
    if one == other:
        return
    low, high = sorted((one, other))
    found = shortest_between(low, high)
    assert low <= found < high
    # DuckDB reads the very same double.
    text = literal(found)
    value = duckdb.sql(f"select cast({text} as double)").fetchall()[0][0]
    assert value == found, text


def test_names_are_quoted_if_they_must_and_expressions_are_not():
    assert identifier("age") == "age"
    assert identifier("Kundin seit") == '"Kundin seit"'
    assert identifier('"Kundin seit"') == '"Kundin seit"'
    assert identifier("cast(is_member as double)") == "cast(is_member as double)"


def test_conditions_on_one_feature_are_one():
    feature = Feature("recency_days", 1, "recency_days", False)
    both = Interval(feature, 30.5, 92.5)
    assert both.predicate() == "recency_days > 30.5 and recency_days <= 92.5"
    with_nulls = Interval(Feature("x", 1, "x", True), 1.0, 2.0)
    assert with_nulls.predicate() == "((x > 1 and x <= 2) or x is null)"
    assert Interval(feature).predicate() is None
