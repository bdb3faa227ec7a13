"""Attributes describe the segments as pandas and SciPy do, and have no part in making them."""

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
from project_runner import DESCRIBED, UP_TO_FEATURES, read_yaml
from scipy.stats import chi2_contingency, norm, ttest_ind

PROFILES = "select * from segment_attribute_profiles order by attribute, segment_id, level_position"
CATEGORIES = ["region", "acquisition_channel", "loyalty_tier"]
DIMENSIONS = ["country", "favourite_category", "favourite_channel"]


def described(project, people):
    """Return one row per customer of `segments` with segment, dimensions and attributes.

    Parameters
    ----------
    people : DataFrame with customer_id and one column per attribute.
    """
    columns = ", ".join(["customer_id", "segment_id", *DIMENSIONS])
    customers = project.frame(
        f"select {columns} from segments join feature_snapshot using (customer_id)"
    )
    return customers.merge(people, how="left", on="customer_id")


@pytest.fixture(scope="module")
def demo_people(root):
    """Return the demo's customer table, read by pandas."""
    file = root / "seeds" / "demo" / "sample_customers.csv"
    people = pd.read_csv(file, dtype={"customer_id": str}, keep_default_na=False)
    people["age"] = pd.to_numeric(people["age"])
    return people.replace("", np.nan)


@pytest.fixture(scope="module")
def profiles(demo_described):
    return demo_described.frame(PROFILES)


@pytest.fixture(scope="module")
def customers(demo_described, demo_people):
    return described(demo_described, demo_people)


def columns_of(project, table):
    return {name for name, *_ in project.rows(f"describe {table}")}


def rows_of(profiles, attribute, statistic="share"):
    return profiles[(profiles["attribute"] == attribute) & (profiles["statistic"] == statistic)]


# ------------------------------------------------------------------------------------ the demo


def test_profiles_describe_what_is_mapped_and_listed(profiles):
    assert set(profiles["attribute"]) == {"age", *CATEGORIES, *DIMENSIONS}
    kinds = profiles.groupby("attribute")["attribute_kind"].agg(set)
    assert kinds.pop("age") == {"number"}
    assert all(kind == {"category"} for kind in kinds)


@pytest.mark.parametrize("attribute", CATEGORIES + DIMENSIONS)
def test_shares_and_indices_of_categories_are_those_of_pandas(profiles, customers, attribute):
    levels = customers[attribute].fillna("(missing)")
    wanted = pd.crosstab(customers["segment_id"], levels)
    rows = rows_of(profiles, attribute)
    found = rows.pivot(index="segment_id", columns="attribute_level", values="customers")
    pd.testing.assert_frame_equal(
        found[wanted.columns], wanted, check_dtype=False, check_names=False
    )
    assert set(found) == set(wanted)
    share = wanted.div(wanted.sum(axis=1), axis=0)
    base = wanted.sum() / len(customers)
    for column, values in [("share", share), ("index_to_base", 100 * share / base)]:
        table = rows.pivot(index="segment_id", columns="attribute_level", values=column)
        np.testing.assert_allclose(table[wanted.columns], values, rtol=1e-12)


def contingency(row, all_customers):
    """Return the two-by-two table: the segment and the others, with the level and without."""
    others = row.base_customers - row.customers, all_customers - row.segment_customers
    return [
        [row.customers, row.segment_customers - row.customers],
        [others[0], others[1] - others[0]],
    ]


def test_z_scores_of_levels_are_the_roots_of_pearsons_chi_square(profiles, customers):
    rows = profiles[profiles["statistic"] == "share"]
    assert rows["is_significant"].sum() > 20
    assert set(rows["direction"]) == {
        "more often",
        "less often",
        "no clear difference",
        "too few to tell",
    }
    for row in rows.itertuples():
        test = chi2_contingency(contingency(row, len(customers)), correction=False)
        assert row.z_score**2 == pytest.approx(test.statistic, rel=1e-9, abs=1e-12)
        assert np.sign(row.z_score) == np.sign(round(row.share - row.base_share, 12))
        enough = test.expected_freq.min() >= 5
        assert row.is_significant == (enough and test.pvalue <= 2 * norm.sf(2.576))
        assert (row.direction == "too few to tell") == (not enough)
        if row.is_significant:
            assert row.direction == ("more often" if row.share > row.base_share else "less often")


def test_means_are_compared_as_welch_does(profiles, customers):
    rows = rows_of(profiles, "age", "mean")
    assert len(rows) == customers["segment_id"].nunique()
    ages = customers["age"]
    assert 0 < ages.isna().sum() < 100
    for row in rows.itertuples():
        own = ages[customers["segment_id"] == row.segment_id].dropna()
        others = ages[customers["segment_id"] != row.segment_id].dropna()
        assert (row.customers, row.base_customers) == (len(own), ages.count())
        assert row.mean_value == pytest.approx(own.mean(), rel=1e-12)
        assert row.base_mean_value == pytest.approx(ages.mean(), rel=1e-12)
        assert row.index_to_base == pytest.approx(100 * own.mean() / ages.mean(), rel=1e-12)
        assert row.standardised_difference == pytest.approx(
            (own.mean() - ages.mean()) / ages.std(), rel=1e-9
        )
        welch = ttest_ind(own, others, equal_var=False)
        assert row.z_score == pytest.approx(welch.statistic, rel=1e-9)
        assert row.is_significant == (abs(welch.statistic) >= 2.576)
    # the newcomers of the demo are planted 15 years younger than most
    youngest = rows.loc[rows["mean_value"].idxmin()]
    assert youngest["segment_name"].startswith("New")
    assert youngest["direction"] == "lower"


def test_bands_are_the_quintiles_of_pandas(profiles, customers):
    ages = customers["age"]
    bands = pd.qcut(ages, 5, labels=False) + 1
    labels = [
        f"{number:.0f}: {part.min():.0f} to {part.max():.0f}"
        for number, part in ages.groupby(bands)
    ]
    named = bands.map(lambda n: "(missing)" if np.isnan(n) else labels[int(n) - 1])
    wanted = pd.crosstab(customers["segment_id"], named)
    found = rows_of(profiles, "age").pivot(
        index="segment_id", columns="attribute_level", values="customers"
    )
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_names=False)


def test_what_was_drawn_apart_from_the_personas_is_hardly_ever_significant(profiles):
    # Region and acquisition channel are drawn by lot: of these rows one in a hundred is expected.
    by_lot = profiles[profiles["attribute"].isin(["region", "acquisition_channel"])]
    assert len(by_lot) == 88
    assert by_lot["is_significant"].sum() <= 4


def test_profile_attributes_have_no_part_in_the_segments(demo_described):
    columns = columns_of(demo_described, "feature_snapshot")
    assert "age" in columns
    assert not columns & set(CATEGORIES)
    assert columns_of(demo_described, "stg_customers") == {"customer_id", "age", *CATEGORIES}


def test_profiles_do_not_depend_on_the_threads(demo_described):
    digests = []
    for threads in ("1", "8"):
        outcome = demo_described.dbt(
            "run", "--select", "segment_attribute_profiles", "--threads", threads
        )
        assert outcome.returncode == 0, outcome.stdout
        rows = demo_described.rows(f"select columns(*)::varchar from ({PROFILES})")
        digests.append(json.dumps(rows))
    assert digests[0] == digests[1]


# --------------------------------------------------------------------------- a table of the tests


@pytest.fixture(scope="module")
def shop_profiles(described_shop):
    return described_shop.frame(PROFILES)


def level_counts(profiles, attribute):
    rows = rows_of(profiles, attribute).drop_duplicates("attribute_level")
    return rows.set_index("attribute_level")["base_customers"].to_dict()


def test_every_type_of_column_has_levels_that_sum_to_one(shop_profiles):
    kinds = shop_profiles.groupby("attribute")["attribute_kind"].first().to_dict()
    assert kinds == {
        "country": "category",
        "children": "number",
        "Town": "category",
        "is_member": "category",
        "born_on": "date",
    }
    shares = shop_profiles[shop_profiles["statistic"] == "share"]
    sums = shares.groupby(["segment_id", "attribute"])["share"].sum()
    np.testing.assert_allclose(sums, 1, rtol=1e-12)
    counts = shares.groupby(["segment_id", "attribute"])[["customers", "segment_customers"]].agg(
        {"customers": "sum", "segment_customers": "first"}
    )
    assert (counts["customers"] == counts["segment_customers"]).all()


def test_rare_levels_are_one_and_missing_ones_another(shop_profiles):
    towns = level_counts(shop_profiles, "Town")
    # 47 customers; 1 to 30 without 7 and 31 to 49 share 30 towns, 1 has none, 3 moved to town 99
    assert towns.pop("(missing)") == 1
    assert len(towns) == 21
    assert sum(towns.values()) == 46
    kept = {level: count for level, count in towns.items() if level != "(other)"}
    assert max(kept.values()) == 2
    assert [level for level, count in kept.items() if count == 1] == sorted(
        level for level, count in kept.items() if count == 1
    )


def test_truth_values_and_equal_numbers_are_levels(shop_profiles):
    assert level_counts(shop_profiles, "is_member") == {"false": 28, "true": 15, "(missing)": 4}
    children = level_counts(shop_profiles, "children")
    # of 3's two rows the larger number counts; 5's is unknown and 6's is no number
    assert set(children) == {"1: 0", "2: 1", "3: 2", "4: 3", "(missing)"}
    assert children["(missing)"] == 2


def test_dates_have_bands_and_no_mean(shop_profiles):
    rows = shop_profiles[shop_profiles["attribute"] == "born_on"]
    assert set(rows["statistic"]) == {"share"}
    first = rows.sort_values("level_position")["attribute_level"].iloc[0]
    assert first.startswith("1: 1951-02-02 to ")


def test_unlisted_columns_do_not_leave_staging(described_shop):
    wanted = {"Town", "born_on", "children", "customer_id", "is_member"}
    assert columns_of(described_shop, "stg_customers") == wanted


# ------------------------------------------------------------------------------------- mistakes


def test_names_that_clash_or_are_not_measured_are_one_sentence_each(corner_shop):
    project = corner_shop.variant(
        "clashing_attributes",
        {
            "segmentation_attributes": ["frequency"],
            "segmentation_profile_attributes": ["Country", "visit_recency_days"],
            "segmentation_features": ["recency_days", "visit_frequency"],
        },
    )
    output = project.dbt("build", *UP_TO_FEATURES).stdout
    clash = "is a column of customer_features already: rename it in your customer table"
    for sentence in (
        f"segmentation_attributes holds 'frequency', which {clash}",
        f"segmentation_profile_attributes holds 'Country', which {clash}",
        f"segmentation_profile_attributes holds 'visit_recency_days', which {clash}",
        "segmentation_features holds 'visit_frequency', but segmentation_events is null",
        "segmentation_customers is null: they read the customer table, so set it too",
    ):
        assert output.count(sentence) == 1, output


def test_columns_that_are_not_there_are_one_sentence_each(described_shop):
    project = described_shop.variant(
        "missing_attributes",
        {
            "segmentation_profile_attributes": ["religion"],
            "segmentation_event_at": "clicked_at",
            "segmentation_consent_when": "true",
            "segmentation_customers": f"read_parquet('{described_shop.scratch}/people.parquet')",
            "segmentation_events": f"read_parquet('{described_shop.scratch}/events.parquet')",
        },
    )
    output = project.dbt("run", "--select", "stg_customers", "stg_events").stdout
    for sentence in (
        "segmentation_profile_attributes is `religion`, but the table in segmentation_customers",
        "segmentation_event_at is `clicked_at`, but the table in segmentation_events has no",
    ):
        assert sentence in output, output


# ---------------------------------------------------------------------------- published customers


def test_households_without_demographics_are_an_explicit_level(corner_shop, real_data):
    """The Complete Journey: 801 of 2,469 households answered; the others must not vanish."""
    folder = real_data / "complete_journey"
    answers = duckdb.sql(f"from read_parquet('{folder}/demographics.parquet')").df()
    assert len(answers) == 801
    attributes = [name for name in answers if name != "household_id"]
    project = corner_shop.variant(
        "households",
        {
            "segmentation_transactions": f"read_parquet('{folder}/transactions.parquet')",
            "segmentation_customer_id": "household_id",
            "segmentation_order_id": "basket_id",
            "segmentation_ordered_at": "transaction_timestamp",
            "segmentation_product_id": None,
            "segmentation_quantity": None,
            "segmentation_unit_price": None,
            "segmentation_amount": "sales_value",
            "segmentation_line_id": None,
            "segmentation_is_return": "false",
            "segmentation_customers": f"read_parquet('{folder}/demographics.parquet')",
            "segmentation_customers_key": "household_id",
            "segmentation_profile_attributes": attributes,
            "segmentation_k": 4,
        },
    ).build(*DESCRIBED)
    profiles = project.frame(PROFILES)
    assert project.value("select count(*) from segments") == 2469
    assert project.value("select count(*) from prospects") == 0
    for attribute in attributes:
        counts = level_counts(profiles, attribute)
        wanted = answers[attribute].astype("object").dropna().value_counts().to_dict()
        assert counts.pop("(missing)") == 2469 - sum(wanted.values())
        assert {level: count for level, count in counts.items() if count} == wanted


def test_demo_maps_what_the_readme_shows(root):
    settings = read_yaml(root / "demo.yml")
    assert settings["segmentation_profile_attributes"] == CATEGORIES
