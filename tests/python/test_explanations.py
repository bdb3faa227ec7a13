"""Why a customer is where he is: every rule is run, every figure recomputed by somebody else.

Two data sets with their own settings, and the demo once more with what is odd: attributes with
gaps, not-a-number, truth values, single precision, and levels with quotes and blanks.
"""

import hashlib
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from customer_segmentation.preprocessing import Preprocessing
from customer_segmentation.prototypes import Prototypes
from customer_segmentation.training import training_from_frame
from project_runner import WITHOUT_TESTS, together
from sklearn.inspection import permutation_importance
from sklearn.metrics import adjusted_rand_score

TABLES = ("segment_drivers", "segment_rules", "segment_exemplars", "segment_rfm_crosstab")
UP_TO_TABLES = ("--select", *(f"+{table}" for table in TABLES), *WITHOUT_TESTS)
# ... with the tests of what is built, and of nothing else.
WITH_TESTS = (
    *("--select", *(f"+{table}" for table in TABLES)),
    *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
)
ODD = {
    "segmentation_profile_attributes": [],
    "segmentation_customers": "read_parquet('customers.parquet')",
    "segmentation_attributes": ["age", "is_member", "discount", "town"],
    "segmentation_features": [
        *("recency_days", "monetary", "mean_days_between_orders"),
        *("age", "is_member", "discount", "town"),
    ],
    "segmentation_categorical_weight": 3,
    "segmentation_k": 7,
    "segmentation_min_rule_fidelity": 0.999,
    "segmentation_exemplars": 2,
}
ODD_CUSTOMERS = """
    select
        customer_id,
        has_consent,
        case
            when customer_id like '%3' then 'nan'::double
            when customer_id like '%7' then null
            else age::double
        end as age,
        customer_id < 'C0800' as is_member,
        (ascii(customer_id[-1]) % 4 / 10)::float as discount,
        case region
            when 'east' then 'L''Aquila "alta"'
            when 'west' then '  Westend '
            when 'north' then null
            else region
        end as town
    from read_csv('{seed}')
"""


@pytest.fixture(scope="module")
def builds(root, demo, online_retail, online_retail_built):
    """Return the built projects by name."""
    odd = demo.variant("explained_odd", ODD)
    path = odd.scratch / "customers.parquet"
    query = ODD_CUSTOMERS.format(seed=root / "seeds" / "demo" / "sample_customers.csv")
    duckdb.sql(f"copy ({query}) to '{path}'")
    projects = {
        "demo": demo.variant("explained"),
        "odd": odd,
        "online_retail": online_retail_built,
        "one_thread": online_retail.variant(
            "explained_by_one_thread", environment={"SEGMENTATION_THREADS": "1"}, threads=1
        ),
    }
    together(
        lambda: projects["demo"].build(*UP_TO_TABLES),
        lambda: projects["odd"].build(*WITH_TESTS),
        lambda: projects["one_thread"].build(*UP_TO_TABLES),
    )
    return projects


@pytest.fixture(scope="module", params=["demo", "odd", "online_retail"])
def project(request, builds):
    return builds[request.param]


@pytest.fixture(scope="module")
def model(project):
    """Return the registry row, lists for arrays."""
    (row,) = project.frame("select * from segment_model").to_dict("records")
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in row.items()
    }


@pytest.fixture(scope="module")
def customers(project, model):
    """Return the raw features and the segment of each customer, sorted by customer."""
    kinds = dict(zip(model["feature_names"], model["transform"], strict=True))
    columns = ", ".join(
        f"nullif(trim({name}), '') as {name}" if kind == "one_hot" else f"{name}::double as {name}"
        for name, kind in kinds.items()
    )
    return project.frame(
        f"select customer_id, segment_id, {columns} "
        "from segment_assignments join feature_snapshot using (customer_id) order by customer_id"
    )


def training_of(customers, model):
    """Return the customers as the library has them, in the order of the frame."""
    features = list(dict.fromkeys(model["feature_names"]))
    frame = customers[["customer_id", *features]].assign(as_of=pd.Timestamp("2026-01-01"))
    training = training_from_frame(frame.assign(monetary_value=0.0), features)
    place = {customer: n for n, customer in enumerate(training.customer_id)}
    return training.take(np.array([place[customer] for customer in customers["customer_id"]]))


def segments_by(model):
    """Return the function that gives the segment of each row of a Training."""
    preprocessing = Preprocessing.from_columns(model)
    prototypes = Prototypes(
        position=np.array([list(row) for row in model["prototype"]], dtype=float),
        label=np.array(model["prototype_segment_id"]),
        weight=np.array([list(row) for row in model["prototype_weight"]], dtype=float),
        offset=np.array(model["prototype_offset"]),
        membership_rule=model["membership_rule"],
    )
    return lambda training: prototypes.assign(preprocessing.apply(training))


def test_every_rule_runs_and_returns_what_it_states(project):
    rules = project.frame("select * from segment_rules order by rule_id")
    assert 2 <= len(rules) <= 12
    all_customers = project.value("select count(*) from segment_assignments")
    sizes = dict(project.rows("select segment_id, count(*) from segment_assignments group by all"))
    seen, found = set(), 0
    for rule in rules.to_dict("records"):
        returned = project.rows(
            f"select customer_id from feature_snapshot where {rule['predicate']}"
        )
        own = {customer for (customer,) in returned}
        assert not own & seen
        seen |= own
        # ... and the conditions in pieces, which the table is counted by, say the same
        by_pieces = project.rows(
            f"select customer_id from customer_rules where rule_id = {rule['rule_id']}"
        )
        assert own == {customer for (customer,) in by_pieces}
        right = project.value(
            "select count(*) from segment_assignments join feature_snapshot using (customer_id) "
            f"where segment_id = {rule['segment_id']} and {rule['predicate']}"
        )
        assert rule["customers"] == len(returned) == len(own) > 0
        assert rule["customers_in_segment"] == right
        assert rule["customer_share"] == len(own) / all_customers
        assert rule["precision"] == right / len(own)
        assert rule["recall"] == right / sizes[rule["segment_id"]]
        found += right
    assert len(seen) == all_customers
    assert set(rules["fidelity"]) == {found / all_customers}


def test_rules_run_on_customer_features_too(project):
    for predicate, customers in project.rows("select predicate, customers from segment_rules"):
        query = f"select count(*) from customer_features where {predicate}"
        assert project.value(query) == customers


def test_twelve_rules_find_nine_in_ten_customers(builds):
    for name, least in (("online_retail", 0.94), ("demo", 0.94)):
        fidelity, remark = builds[name].rows("select distinct fidelity, remark from segment_rules")[
            0
        ]
        assert fidelity > least
        assert (
            remark
            == f"12 rules find the segment of {np.floor(1000 * fidelity) / 10} % of the customers."
        )


def test_remark_says_why_rules_are_not_good_enough(builds):
    project = builds["odd"]
    ((fidelity, remark),) = project.rows("select distinct fidelity, remark from segment_rules")
    assert 0.8 < fidelity < 0.999
    confused = project.rows(
        "select least(a.segment_id, r.segment_id), greatest(a.segment_id, r.segment_id) "
        "from segment_assignments a join customer_rules r using (customer_id) "
        "where a.segment_id != r.segment_id"
    )
    pairs, counts = np.unique(np.array(confused), axis=0, return_counts=True)
    names = dict(project.rows("select segment_id, segment_name from segment_names"))
    one, other = pairs[counts.argmax()]
    share = f"{100 * counts.max() / counts.sum():.1f} % of the others"
    assert f"fewer than the 99.9 % of segmentation_min_rule_fidelity: {share} lie" in remark
    assert f"lie between {names[one]} and {names[other]}, where the border runs aslant" in remark
    assert remark.endswith("raise segmentation_max_rules above 12.")


def test_odd_attributes_are_read_as_the_model_reads_them(builds):
    readings = dict(builds["odd"].rows("select feature, reading from rule_features"))
    assert readings == {
        "recency_days": "recency_days",
        "monetary": "monetary",
        "mean_days_between_orders": "mean_days_between_orders",
        "age": "case when isfinite(cast(age as double)) then cast(age as double) end",
        "is_member": "cast(is_member as double)",
        "discount": "cast(discount as double)",
        "town": "nullif(trim(cast(town as string)), '')",
    }
    nulls = dict(builds["odd"].rows("select feature, has_nulls from rule_features"))
    assert [name for name, has in nulls.items() if has] == [
        "mean_days_between_orders",
        "age",
        "town",
    ]
    text = " | ".join(
        predicate for (predicate,) in builds["odd"].rows("select predicate from segment_rules")
    )
    assert "L''Aquila \"alta\"" in text


def test_drivers_are_those_of_pandas(project, model, customers):
    drivers = project.frame("select * from segment_drivers")
    training = training_of(customers, model)
    scaled = Preprocessing.from_columns(model).scaled(training)
    segment = customers["segment_id"].to_numpy()
    assert len(drivers) == len(np.unique(segment)) * len(model["input_names"])
    drivers = drivers.set_index(["segment_id", "input"])
    inputs = list(
        zip(model["input_names"], model["feature_names"], model["transform"], strict=True)
    )
    for place, (name, feature, transform) in enumerate(inputs):
        if transform == "one_hot":
            level = name.removeprefix(f"{feature}=")
            listed = [n.removeprefix(f"{feature}=") for n, f, _ in inputs if f == feature]
            texts = customers[feature].fillna("(missing)")
            raw = (texts == level) if level != "(other)" else ~texts.isin(listed)
            raw = raw.astype(float)
        else:
            raw = customers[feature].astype(float).replace([np.inf, -np.inf], np.nan)
        column = scaled[:, place]
        for own in np.unique(segment):
            row = drivers.loc[(own, name)]
            at = segment == own
            # nobody of the odd demo has another town than the listed ones
            constant = column.min() == column.max()
            expected = np.nan if constant else (column[at].mean() - column.mean()) / column.std()
            assert row["standardised_difference"] == pytest.approx(expected, abs=1e-8, nan_ok=True)
            assert row["mean"] == pytest.approx(raw[at].mean(), rel=1e-9, abs=1e-9)
            assert row["mean_of_all"] == pytest.approx(raw.mean(), rel=1e-9)
            if transform == "one_hot":
                assert np.isnan(row["median"])
                assert np.isnan(row["median_of_all"])
            else:
                assert row["median"] == pytest.approx(raw[at].median(), rel=1e-12)
                assert row["median_of_all"] == pytest.approx(raw.median(), rel=1e-12)
    for _, of_segment in drivers.groupby("segment_id"):
        in_order = of_segment.sort_values("rank")
        assert in_order["rank"].tolist() == list(range(1, len(of_segment) + 1))
        # what is the same for everyone comes last
        size = in_order["standardised_difference"].abs().fillna(-1)
        assert size.is_monotonic_decreasing


def test_importance_is_that_of_the_library_with_the_same_shuffle(project, model, customers):
    assign = segments_by(model)
    training = training_of(customers, model)
    segment = customers["segment_id"].to_numpy()
    assert (assign(training) == segment).all()
    importance = project.frame("select * from feature_importance")
    features = list(dict.fromkeys(model["feature_names"]))
    assert len(importance) == len(features) * len(np.unique(segment))

    def lottery(suffix):
        lots = [hashlib.md5(f"{c}:{suffix}".encode()).hexdigest() for c in customers["customer_id"]]
        return np.argsort(np.array(lots))

    receivers = lottery(0)
    for feature in features:
        donors = lottery(feature)
        shuffled = customers.copy()
        values = customers[feature].to_numpy(copy=True)
        values[receivers] = customers[feature].to_numpy()[donors]
        shuffled[feature] = values
        moved = assign(training_of(shuffled, model)) != segment
        found = importance[importance["feature"] == feature].set_index("segment_id")
        for own in np.unique(segment):
            assert found.loc[own, "customers"] == (segment == own).sum()
            assert found.loc[own, "customers_moved"] == moved[segment == own].sum(), feature
            published = project.rows(
                "select distinct importance, overall_importance from segment_drivers "
                f"where feature = '{feature}' and segment_id = {own}"
            )
            assert published == [(moved[segment == own].mean(), moved.mean())]


def test_importance_is_near_that_of_scikit_learn(builds):
    # Ten other shuffles than ours, of another random number generator.
    project = builds["online_retail"]
    (row,) = project.frame("select * from segment_model").to_dict("records")
    names = list(row["feature_names"])
    columns = ", ".join(f"{name}::double as {name}" for name in names)
    frame = project.frame(
        f"select customer_id, segment_id, {columns} "
        "from segment_assignments join feature_snapshot using (customer_id) order by customer_id"
    )
    assign = segments_by(row)

    class Model:
        def fit(self, matrix, truth):
            return self

        def predict(self, matrix):
            matrix = pd.DataFrame(matrix, columns=names).assign(customer_id=frame["customer_id"])
            return assign(training_of(matrix, row))

        def score(self, matrix, truth):
            return (self.predict(matrix) == truth).mean()

    expected = permutation_importance(
        Model(), frame[names].to_numpy(), frame["segment_id"], n_repeats=10, random_state=0
    )
    overall = dict(project.rows("select distinct feature, overall_importance from segment_drivers"))
    for name, mean, deviation in zip(
        names, expected.importances_mean, expected.importances_std, strict=True
    ):
        assert overall[name] == pytest.approx(mean, abs=0.005 + 3 * deviation), name


def test_exemplars_are_the_nearest_and_the_least_certain(project):
    shown = 2 if "explained_odd" in str(project.scratch) else 5
    everyone = project.frame("select * from segment_assignments")
    exemplars = project.frame("select * from segment_exemplars order by segment_id, kind, position")
    names = dict(project.rows("select segment_id, segment_name from segment_names"))
    for own, members in everyone.groupby("segment_id"):
        of_segment = exemplars[exemplars["segment_id"] == own].set_index("kind")
        typical = members.sort_values(["distance", "customer_id"])["customer_id"]
        assert of_segment.loc["typical", "customer_id"].tolist() == typical[:shown].tolist()
        rest = members[members["customer_id"].isin(typical[shown:])]
        border = rest.sort_values(["membership", "customer_id"])["customer_id"]
        assert of_segment.loc["borderline", "customer_id"].tolist() == border[:shown].tolist()
        assert of_segment["position"].tolist() == [*range(1, shown + 1)] * 2
    assert (
        exemplars["runner_up_segment_name"] == exemplars["runner_up_segment_id"].map(names)
    ).all()
    joined = project.value(
        "select count(*) from segment_exemplars join segments using (customer_id, recency_days, "
        "frequency, monetary, rfm_segment, distance, membership, runner_up_segment_id, "
        "model_version)"
    )
    assert joined == len(exemplars)


def test_crosstab_is_that_of_pandas(project):
    segments = project.frame("select * from segments")
    crosstab = project.frame("select * from segment_rfm_crosstab")
    expected = pd.crosstab(segments["rfm_segment"], segments["segment_id"])
    found = crosstab.pivot(index="rfm_segment", columns="segment_id", values="customers")
    names = {name for (name,) in project.rows("select distinct rfm_segment from rfm_map")}
    assert set(found.index) == names
    assert len(names) == 11
    # every name of the map is there, also without a customer
    expected = expected.reindex(found.index, fill_value=0)
    assert (found == expected).all().all()
    of_rfm = crosstab.pivot(index="rfm_segment", columns="segment_id", values="share_of_rfm")
    pd.testing.assert_frame_equal(
        of_rfm, expected.div(expected.sum(axis=1).replace(0, np.nan), axis=0), check_names=False
    )
    of_segment = crosstab.pivot(
        index="rfm_segment", columns="segment_id", values="share_of_segment"
    )
    pd.testing.assert_frame_equal(of_segment, expected / expected.sum(), check_names=False)


def test_crosstab_holds_the_revenue_of_segments_and_audit(project):
    revenue = project.value("select sum(revenue) from segment_rfm_crosstab")
    assert isinstance(revenue, Decimal)
    assert revenue == project.value("select sum(monetary) from segments")
    audited = project.value(
        "select sum(case check_name when 'kept_lines' then amount_checked - amount_failed "
        "when 'customers_without_purchase' then -amount_failed end) from transaction_audit"
    )
    assert revenue == audited


def test_adjusted_rand_index_is_that_of_scikit_learn(project):
    segments = project.frame("select rfm_segment, segment_id from segments")
    ((index,),) = project.rows("select distinct adjusted_rand_index from segment_rfm_crosstab")
    expected = adjusted_rand_score(segments["rfm_segment"], segments["segment_id"])
    assert index == pytest.approx(expected, abs=1e-12)


def test_threads_decide_nothing(builds):
    for table in TABLES:
        query = f"select * exclude (as_of) from {table} order by all"
        if table in ("segment_drivers", "segment_rules"):
            query = f"select * from {table} order by all"
        assert builds["one_thread"].rows(query) == builds["online_retail"].rows(query), table
