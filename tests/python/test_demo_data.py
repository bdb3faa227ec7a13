"""The demo data are reproducible, as dirty as promised, and hold personas that can be found."""

import csv
import itertools
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

PERSONAS = {"champions", "loyal", "new", "lapsing", "lost", "seasonal", "bulk", "bargain"}
SEEDS = (
    "sample_transactions",
    "sample_customers",
    "sample_campaigns",
    "sample_campaign_responses",
    "sample_events",
    "sample_personas",
)


def read_rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def generate(folder, *arguments, hash_seed="0"):
    return subprocess.run(
        [sys.executable, "generate.py", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def demo(root):
    return root / "seeds" / "demo"


@pytest.fixture(scope="module")
def transactions(demo):
    return read_rows(demo / "sample_transactions.csv")


@pytest.fixture(scope="module")
def customers(demo):
    return {row["customer_id"]: row for row in read_rows(demo / "sample_customers.csv")}


@pytest.fixture(scope="module")
def personas(demo):
    return {row["customer_id"]: row["persona"] for row in read_rows(demo / "sample_personas.csv")}


def is_number(text):
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def moment(text):
    """Parse a date of the demo as UTC without a zone; None when it is not a date."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (parsed - parsed.utcoffset()).replace(tzinfo=None) if parsed.tzinfo else parsed


def is_sound(row):
    at = moment(row["ordered_at"])
    return (
        row["customer_id"] != ""
        and row["order_id"] != ""
        and at is not None
        and 1990 <= at.year <= 2025
        and is_number(row["quantity"])
        and float(row["quantity"]) != 0
        and is_number(row["unit_price"])
        and float(row["unit_price"]) > 0
    )


@pytest.fixture(scope="module")
def sound(transactions):
    """Return the rows a cleaning step keeps, before consent: no fault, each key once."""
    kept = {}
    for row in filter(is_sound, transactions):
        key = row["line_id"] or tuple(row.values())
        kept.setdefault(key, row)
    return list(kept.values())


# ----------------------------------------------------------------------------- the generator


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_generator_writes_the_committed_files_whatever_the_hash_seed(demo, tmp_path, hash_seed):
    for module in demo.glob("*.py"):
        shutil.copy(module, tmp_path)
    written = generate(tmp_path, hash_seed=hash_seed)
    assert written.returncode == 0, written.stderr
    for name in SEEDS:
        file = f"{name}.csv"
        assert (tmp_path / file).read_bytes() == (demo / file).read_bytes(), file


def test_check_accepts_the_committed_files(demo):
    checked = generate(demo, "--check")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_check_names_a_changed_and_a_missing_file_and_repairs_nothing(demo, tmp_path):
    shutil.copytree(demo, tmp_path, dirs_exist_ok=True)
    changed = tmp_path / "sample_personas.csv"
    changed.write_bytes(changed.read_bytes().replace(b"loyal", b"royal", 1))
    (tmp_path / "sample_campaigns.csv").unlink()
    checked = generate(tmp_path, "--check")
    assert checked.returncode == 1
    assert "sample_personas.csv differs" in checked.stderr
    assert "sample_campaigns.csv differs" in checked.stderr
    assert "sample_customers.csv" not in checked.stderr
    assert b"royal" in changed.read_bytes()


def test_generator_needs_the_standard_library_only(demo, tmp_path):
    for module in demo.glob("*.py"):
        shutil.copy(module, tmp_path)
    isolated = subprocess.run(
        [sys.executable, "-E", "-s", "-S", tmp_path / "generate.py"],
        capture_output=True,
        check=False,
    )
    assert isolated.returncode == 0, isolated.stderr


def test_demo_stays_small(demo, transactions):
    assert sum(path.stat().st_size for path in demo.glob("*.csv")) < 1_900_000
    assert 18_000 <= len(transactions) <= 20_000


def test_every_column_is_described_and_typed(demo):
    described = {
        seed["name"]: seed for seed in yaml.safe_load((demo / "demo.yml").read_text())["seeds"]
    }
    assert set(described) == set(SEEDS)
    for name, seed in described.items():
        header = (demo / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0].split(",")
        assert [column["name"] for column in seed["columns"]] == header
        assert list(seed["config"]["column_types"]) == header
        assert all(column["description"] for column in seed["columns"])


def test_demo_settings_are_settings_of_the_project(root):
    known = yaml.safe_load((root / "dbt_project.yml").read_text())["vars"]["customer_segmentation"]
    demo_settings = yaml.safe_load((root / "demo.yml").read_text())
    assert demo_settings
    assert set(demo_settings) <= set(known)


# ------------------------------------------------------------------------------------ the dirt

REJECTED = {
    "missing customer": lambda row: row["customer_id"] == "",
    "missing order": lambda row: row["order_id"] == "",
    "missing date": lambda row: row["ordered_at"] == "",
    "impossible date": lambda row: row["ordered_at"] == "31/31/2025",
    "word for a date": lambda row: row["ordered_at"] == "soon",
    "future": lambda row: row["ordered_at"].startswith("2062"),
    "absurdly early": lambda row: row["ordered_at"].startswith("1900"),
    "missing quantity": lambda row: row["quantity"] == "",
    "word for a quantity": lambda row: row["quantity"] == "two",
    "zero quantity": lambda row: row["quantity"] == "0",
    "quantity not a number": lambda row: row["quantity"] == "NaN",
    "infinite quantity": lambda row: row["quantity"] == "inf",
    "missing price": lambda row: row["unit_price"] == "",
    "words for a price": lambda row: row["unit_price"] == "ask the manager",
    "price not a number": lambda row: row["unit_price"] == "nan",
    "zero price": lambda row: row["unit_price"] == "0.00",
    "negative price": lambda row: row["unit_price"].startswith("-"),
}
KEPT = {
    "date with T": lambda row: "T" in row["ordered_at"] and "+" not in row["ordered_at"],
    "date with offset": lambda row: row["ordered_at"].endswith("+02:00"),
    "quantity in spaces": lambda row: row["quantity"].startswith(" "),
    "price in spaces": lambda row: row["unit_price"].startswith(" "),
    "leading zeros": lambda row: row["customer_id"].startswith("0"),
    "not ASCII": lambda row: not row["customer_id"].isascii(),
}


@pytest.mark.parametrize("kind", REJECTED)
def test_every_kind_of_unusable_row_occurs_and_has_no_other_fault(transactions, kind):
    rows = [row for row in transactions if REJECTED[kind](row)]
    assert len(rows) >= 3
    for row in rows:
        assert [other for other in REJECTED if REJECTED[other](row)] == [kind]
        assert not is_sound(row)


@pytest.mark.parametrize("kind", KEPT)
def test_every_kind_of_odd_row_occurs_and_is_sound(transactions, customers, kind):
    rows = [row for row in transactions if KEPT[kind](row) and is_sound(row)]
    assert len(rows) >= 3
    assert any(customers[row["customer_id"]]["has_consent"] == "true" for row in rows)


def test_ids_that_differ_in_leading_zeros_only_are_two_customers(transactions, personas):
    assert {"7", "007"} <= set(personas)
    assert {"7", "007"} <= {row["customer_id"] for row in transactions}


def test_rewritten_dates_are_the_moment_of_their_order(transactions, sound):
    moments = {}
    for row in sound:
        moments.setdefault(row["order_id"], set()).add(moment(row["ordered_at"]))
    assert all(len(at) == 1 for at in moments.values())
    shared = Counter(row["order_id"] for row in sound)
    assert any(
        shared[row["order_id"]] > 1 for row in transactions if row["ordered_at"].endswith("+02:00")
    )


def test_duplicates_come_as_repeated_keys_and_as_identical_rows_without_a_key(transactions):
    contents = {}
    for row in transactions:
        contents.setdefault(row["line_id"], []).append(tuple(row.values()))
    without_key = Counter(contents.pop(""))
    assert len(without_key) >= 3
    assert set(without_key.values()) == {2}
    repeated = [rows for rows in contents.values() if len(rows) > 1]
    assert len(repeated) >= 3
    assert all(len(set(rows)) == len(rows) for rows in repeated)


def test_dirt_is_a_small_part_and_consent_takes_about_forty_customers(
    transactions, sound, customers, personas
):
    without_consent = {c for c in personas if customers[c]["has_consent"] != "true"}
    assert len(without_consent) == 40
    assert {customers[c]["has_consent"] for c in without_consent} == {"", "false"}
    usable = [row for row in sound if row["customer_id"] not in without_consent]
    odd = [row for row in usable if any(is_odd(row) for is_odd in KEPT.values())]
    assert (len(transactions) - len(usable) + len(odd)) / len(transactions) < 0.035
    assert (len(transactions) - len(sound)) / len(transactions) > 0.005


# ------------------------------------------------------------------------------------ the shop


def test_orders_belong_to_one_customer_and_have_one_to_six_products(sound):
    orders = {}
    for row in sound:
        orders.setdefault(row["order_id"], []).append(row)
    assert all(len({row["customer_id"] for row in rows}) == 1 for rows in orders.values())
    sizes = {
        len({row["product_id"] for row in rows} - {"POSTAGE"})
        for order_id, rows in orders.items()
        if order_id.startswith("O")
    }
    assert sizes == {1, 2, 3, 4, 5, 6}


def test_history_is_two_years_and_ends_on_the_last_day_of_2025(sound):
    days = sorted(moment(row["ordered_at"]).date() for row in sound)
    assert days[-1] == date(2025, 12, 31)
    assert date(2024, 1, 1) <= days[0] < date(2024, 1, 31)


def test_products_have_one_price_and_one_category(sound):
    facts = {}
    for row in sound:
        facts.setdefault(row["product_id"], set()).add((row["category"], float(row["unit_price"])))
    assert all(len(fact) == 1 for fact in facts.values())
    assert 180 <= len(facts) <= 220
    assert len({row["category"] for row in sound} - {"service"}) == 8
    assert {row["channel"] for row in sound} == {"web", "app", "store"}


def test_service_lines_are_exactly_the_postage(transactions):
    services = [row for row in transactions if row["category"] == "service"]
    assert {row["product_id"] for row in services} == {"POSTAGE"}
    assert len(services) == sum(row["product_id"] == "POSTAGE" for row in transactions)
    assert 3 <= len(services) <= 300


def test_returns_follow_a_purchase_of_the_product_within_weeks(sound):
    bought = {}
    for row in sound:
        if float(row["quantity"]) > 0:
            key = (row["customer_id"], row["product_id"])
            bought.setdefault(key, []).append((moment(row["ordered_at"]), float(row["quantity"])))
    returns = [row for row in sound if float(row["quantity"]) < 0]
    assert len(returns) > 300
    partial = 0
    for row in returns:
        assert row["order_id"].startswith("R")
        at, quantity = moment(row["ordered_at"]), -float(row["quantity"])
        matching = [
            pieces
            for earlier, pieces in bought[row["customer_id"], row["product_id"]]
            if 2 <= (at - earlier).total_seconds() / 86_400 < 29 and pieces >= quantity
        ]
        assert matching
        partial += min(matching) > quantity
    assert partial >= 3


def test_customers_keep_to_one_country(sound):
    countries = {}
    for row in sound:
        countries.setdefault(row["customer_id"], Counter())[row["country"]] += 1
    at_home = sum(max(seen.values()) for seen in countries.values())
    assert 0.97 < at_home / len(sound) < 1
    assert len(set(itertools.chain.from_iterable(countries.values()))) == 5


def test_every_persona_has_its_share_and_every_buyer_one_persona(sound, personas):
    assert set(personas) == {row["customer_id"] for row in sound}
    counts = Counter(personas.values())
    assert set(counts) == PERSONAS
    assert all(0.05 <= count / len(personas) <= 0.25 for count in counts.values())


def test_customers_include_prospects_and_unknown_attributes(customers, personas):
    assert set(personas) < set(customers)
    assert len(set(customers) - set(personas)) == 60
    for attribute in ("age", "region", "acquisition_channel"):
        assert 3 <= sum(row[attribute] == "" for row in customers.values()) < 0.05 * len(customers)


def test_customers_sign_up_before_their_first_order(sound, customers):
    for row in sound:
        signed_up = date.fromisoformat(customers[row["customer_id"]]["signed_up_on"])
        assert signed_up <= moment(row["ordered_at"]).date()


def test_campaigns_contact_only_with_consent_and_champions_answer_most(demo, customers, personas):
    campaigns = {row["campaign_id"]: row for row in read_rows(demo / "sample_campaigns.csv")}
    responses = read_rows(demo / "sample_campaign_responses.csv")
    assert len({(row["campaign_id"], row["customer_id"]) for row in responses}) == len(responses)
    assert 1_000 < len(responses) <= 3_000
    contacted, answered = Counter(), Counter()
    for row in responses:
        customer, campaign = customers[row["customer_id"]], campaigns[row["campaign_id"]]
        assert customer["has_consent"] == "true"
        assert customer["signed_up_on"] < campaign["started_on"] <= row["contacted_on"]
        if row["responded_on"]:
            assert row["contacted_on"] <= row["responded_on"] <= campaign["ended_on"]
        persona = personas.get(row["customer_id"], "prospect")
        contacted[persona] += 1
        answered[persona] += row["responded_on"] != ""
    rates = {persona: answered[persona] / contacted[persona] for persona in contacted}
    assert max(rates, key=rates.get) == "champions"
    assert min(rates, key=rates.get) == "lost"


def test_visits_are_few_and_dirty_and_come_from_everybody(demo, customers, personas, sound):
    events = read_rows(demo / "sample_events.csv")
    assert 5_000 < len(events) <= 6_000
    assert {row["event_type"] for row in events} == {"web", "app", "email"}
    assert {row["customer_id"] for row in events} <= {*customers, ""}
    dated = [(row, moment(row["event_at"])) for row in events]
    in_time = [
        row
        for row, at in dated
        if row["customer_id"] and at and datetime(2025, 7, 1) <= at < datetime(2026, 1, 1)
    ]
    assert len(events) - len(in_time) == 30
    assert any(at is None for _, at in dated)
    visitors = {row["customer_id"] for row in in_time}
    assert visitors - set(personas)
    assert {customers[visitor]["has_consent"] for visitor in visitors} == {"true", "false", ""}
    for row in in_time:
        assert row["event_at"][:10] >= customers[row["customer_id"]]["signed_up_on"]
    # most orders by web and app are preceded by a visit on the same day
    days = {(row["customer_id"], row["event_at"][:10]) for row in in_time}
    online = [
        (row["customer_id"], moment(row["ordered_at"]).date().isoformat())
        for row in sound
        if row["channel"] != "store" and row["order_id"].startswith("O")
    ]
    online = [pair for pair in online if pair[1] >= "2025-07-01"]
    assert 0.6 < sum(pair in days for pair in online) / len(online) < 0.9


# -------------------------------------------------------------------------------- the personas


def model_features(sound, customers):
    """Compute the six default features with pandas, apart from the package.

    Parameters
    ----------
    sound : list of dict. Usable rows.
    customers : dict of str to dict. Rows of sample_customers by id; consent decides.

    Returns
    -------
    DataFrame of shape (customers with consent, 6), indexed by customer_id: days, counts, euros
    and a share from 0 to 1.
    """
    lines = pd.DataFrame(
        {
            "customer_id": row["customer_id"],
            "order_id": row["order_id"],
            "at": moment(row["ordered_at"]),
            "amount": float(row["quantity"]) * float(row["unit_price"]),
        }
        for row in sound
        if row["product_id"] != "POSTAGE" and customers[row["customer_id"]]["has_consent"] == "true"
    )
    sales = lines[lines["amount"] > 0].groupby("customer_id")
    as_of = datetime(2026, 1, 1)
    gross = sales["amount"].sum()
    monetary = lines.groupby("customer_id")["amount"].sum()
    frequency = sales["order_id"].nunique()
    return pd.DataFrame(
        {
            "recency_days": (as_of - sales["at"].max()).dt.days,
            "frequency": frequency,
            "monetary": monetary,
            "average_order_value": monetary / frequency,
            "tenure_days": (as_of - sales["at"].min()).dt.days,
            "return_rate": 1 - monetary / gross,
        }
    )


def test_k_means_with_the_best_silhouette_finds_the_planted_personas(sound, customers, personas):
    features = model_features(sound, customers)
    assert len(features) == len(personas) - 40
    clipped = features.clip(features.quantile(0.01), features.quantile(0.99), axis=1)
    scaled = StandardScaler().fit_transform(np.sign(clipped) * np.log1p(clipped.abs()))
    labels = {k: KMeans(k, n_init=10, random_state=0).fit_predict(scaled) for k in range(3, 9)}
    silhouettes = {k: silhouette_score(scaled, labels[k]) for k in labels}
    chosen = max(silhouettes, key=silhouettes.get)
    recovered = adjusted_rand_score([personas[c] for c in features.index], labels[chosen])
    # Measured: k = 8, 0.80. At k = 7 it would be 0.72, at 5 and 6 below 0.6: the floor lies under
    # the value for one persona missed. Above 0.9 the planted groups would be a caricature.
    assert chosen >= 7
    assert 0.7 < recovered < 0.9


# ----------------------------------------------------------------------------- reference seeds


def test_rfm_map_names_each_of_the_125_codes_exactly_once(root):
    rows = read_rows(root / "seeds" / "reference" / "rfm_map.csv")
    codes = [row["rfm_code"] for row in rows]
    assert sorted(codes) == ["".join(code) for code in itertools.product("12345", repeat=3)]
    for row in rows:
        scores = row["recency_score"], row["frequency_score"], row["monetary_score"]
        assert row["rfm_code"] == "".join(scores)
    assert Counter(row["rfm_segment"] for row in rows) == {
        "Champions": 7,
        "Loyal": 8,
        "Potential Loyalist": 24,
        "New": 7,
        "Promising": 16,
        "Need Attention": 8,
        "About To Sleep": 8,
        "At Risk": 22,
        "Cannot Lose Them": 8,
        "Hibernating": 11,
        "Lost": 6,
    }


def test_every_rfm_name_has_one_action(root):
    reference = root / "seeds" / "reference"
    actions = read_rows(reference / "segment_actions.csv")
    names = [row["rfm_segment"] for row in actions]
    assert len(names) == len(set(names)) == 11
    assert set(names) == {row["rfm_segment"] for row in read_rows(reference / "rfm_map.csv")}
    for row in actions:
        assert all(row.values())
        assert row["action"].endswith(".")
