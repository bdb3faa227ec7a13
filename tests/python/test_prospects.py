"""Whoever is known and in no segment is a prospect, and nobody is both."""

import pandas as pd


def test_prospects_of_the_demo_are_those_on_file_with_consent_who_never_ordered(
    demo_described, root
):
    people = pd.read_csv(
        root / "seeds" / "demo" / "sample_customers.csv", dtype=str, keep_default_na=False
    )
    never_ordered = people[people["customer_id"].str.startswith("P")]
    assert len(never_ordered) == 60
    agreed = never_ordered.loc[never_ordered["has_consent"] == "true", "customer_id"]
    found = demo_described.frame("select * from prospects")
    assert set(found["customer_id"]) == set(agreed)
    assert len(found) == len(agreed) == 45
    assert set(found["prospect_reason"]) == {"no valid order"}
    assert found["is_on_file"].all()
    assert demo_described.value("select count(distinct as_of) from prospects") == 1


def test_everyone_with_consent_is_either_in_a_segment_or_a_prospect(demo_described, root):
    people = pd.read_csv(
        root / "seeds" / "demo" / "sample_customers.csv", dtype=str, keep_default_na=False
    )
    agreed = sorted(people.loc[people["has_consent"] == "true", "customer_id"])
    grouped = demo_described.rows(
        "select customer_id from segments union all select customer_id from prospects"
    )
    assert sorted(customer for (customer,) in grouped) == agreed


def test_prospects_who_visit_are_told_from_those_who_do_not(demo_described):
    found = demo_described.frame(
        "select p.*, e.visit_frequency as wanted from prospects as p"
        " left join customer_engagement as e using (customer_id)"
    )
    assert (found["visit_frequency"] == found["wanted"].fillna(0)).all()
    assert (found["visit_recency_days"].isna() == (found["visit_frequency"] == 0)).all()
    assert 0 < (found["visit_frequency"] == 0).sum() < len(found)


def test_returners_and_customers_whose_lines_were_set_aside_are_prospects(described_shop):
    rows = described_shop.rows(
        "select customer_id, prospect_reason, is_on_file from prospects order by customer_id"
    )
    assert rows == [
        ("51", "only returns", True),
        ("52", "no valid order", True),
        ("53", "no valid order", True),
    ]
    # no consent, or not on file while consent is asked for: neither here nor there
    grouped = described_shop.rows(
        "select customer_id from segments union all select customer_id from prospects"
    )
    assert not {("4",), ("7",), ("50",), ("54",)} & set(grouped)
    assert len(grouped) == 47 + 3


def test_without_a_customer_table_returners_are_still_told(shop_without_people):
    rows = shop_without_people.rows("select * exclude (as_of) from prospects")
    assert rows == [("51", "only returns", False, None, None, None)]
    assert shop_without_people.value("select count(*) from segments") == 50
