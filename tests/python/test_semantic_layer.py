"""MetricFlow answers what SQL on the public tables answers, metric by metric."""

import json
import math
import re
from dataclasses import replace

import pytest
from metricflow_session import ask
from project_runner import WITHOUT_TESTS

PUBLIC = ("+segment_kpis", "+segment_history", "+segment_profiles", "segmentation_time_spine")
SELECTION = ("--select", *PUBLIC, *WITHOUT_TESTS)

# Sums of doubles depend on their order in the last digits.
EXACTLY = {"rel": 1e-9, "abs": 1e-9, "nan_ok": True}

BY_SEGMENT = ("segmentation_segment__segment_name", "segmentation_segment__rfm_segment")
BY_CUSTOMER = ("segmentation_customer__segment_name", "segmentation_customer__rfm_segment")

# Written from the descriptions of the metrics, not from the SQL that MetricFlow makes of them.
OF_CUSTOMERS = {
    "segment_customers": "count(*)",
    "segment_orders": "sum(frequency)",
    "segment_revenue": "sum(monetary)",
    "segment_revenue_per_customer": "avg(monetary)",
}
OF_VALUES = {
    "segment_lifetime_value": "sum(discounted_value_365_days)",
    "segment_valued_customers": "count(discounted_value_365_days)",
    "segment_lifetime_value_per_customer": "avg(discounted_value_365_days)",
    "segment_customer_value": "sum(customer_value)",
    "segment_mean_probability_alive": "avg(probability_alive)",
}
FLOWS = {
    "segment_period_revenue": "sum(revenue)",
    "segment_period_orders": "sum(orders)",
    "segment_purchased_amount": "sum(average_order_value * orders)",
    "segment_average_order_value": "sum(average_order_value * orders) / nullif(sum(orders), 0)",
    "segment_new_customers": "sum(new_customers)",
    "segment_previous_active_customers": "sum(previous_active_customers)",
    "segment_retained_customers": "sum(retained_customers)",
    "segment_retention_rate": "sum(retained_customers) / nullif(sum(previous_active_customers), 0)",
    "segment_contacts": "sum(contacted)",
    "segment_responses": "sum(responded)",
    "segment_conversion_rate": "sum(responded) / nullif(sum(contacted), 0)",
}
STATES = {
    "segment_customers_to_date": "arg_max(customers, period_start)",
    "segment_repeat_customers": "arg_max(repeat_customers, period_start)",
    "segment_repeat_rate": "arg_max(repeat_customers / nullif(customers, 0), period_start)",
    "segment_churned_customers": "arg_max(churned_customers, period_start)",
    "segment_churn_rate": "arg_max(churned_customers / nullif(customers, 0), period_start)",
}
MOVEMENT = {
    "segment_customers_in": "sum(entered_customers)",
    "segment_customers_out": "sum(left_customers)",
    "segment_net_movement": "sum(entered_customers) - sum(left_customers)",
    "segment_customers_at_build": "arg_max(customers, as_of)",
    "segment_revenue_at_build": "arg_max(revenue, as_of)",
}

VALUED = "customer_lifetime_value inner join segments using (customer_id)"
PERIODS = "segment_kpis {} where scope = 'segment' and period != 'all'"
PROFILED = """
    inner join (
        select segment_id, segment_name as name_of_segment, rfm_segment as rfm_of_segment
        from segment_profiles
    ) using (segment_id)
"""

# name: metrics, group-by, and the same in SQL: table, keys
QUESTIONS = {
    "customers by segment": (
        OF_CUSTOMERS,
        BY_SEGMENT,
        f"segments {PROFILED}",
        ("name_of_segment", "rfm_of_segment"),
    ),
    "customers by segment and own scores": (
        OF_CUSTOMERS,
        BY_CUSTOMER,
        "segments",
        ("segment_name", "rfm_segment"),
    ),
    "values by segment": (
        OF_VALUES,
        ("segmentation_customer__segment_id",),
        VALUED,
        ("segment_id",),
    ),
    "values by segment and own scores": (
        OF_VALUES,
        BY_CUSTOMER,
        VALUED,
        ("segment_name", "rfm_segment"),
    ),
    "periods by segment": (
        FLOWS | STATES,
        BY_SEGMENT,
        PERIODS.format(PROFILED),
        ("name_of_segment", "rfm_of_segment"),
    ),
    "periods by month": (
        FLOWS | STATES,
        ("segmentation_segment", "metric_time__month"),
        PERIODS.format(""),
        ("segment_id", "cast(period_start as timestamp)"),
    ),
    "periods in all": (FLOWS, (), PERIODS.format(""), ()),
    "builds by segment": (
        MOVEMENT,
        ("segmentation_segment", "segmentation_build__segment_name"),
        # who is no segment any more was one at the builds before the last
        "segment_history",
        ("segment_id", "segment_name"),
    ),
    "movement by build": (
        MOVEMENT,
        ("segmentation_segment", "metric_time__day"),
        "segment_history",
        ("segment_id", "date_trunc('day', as_of)"),
    ),
}


@pytest.fixture(scope="module")
def shop(demo):
    """Return the demo after two builds, so that somebody has moved."""
    quick = {"segmentation_stability_runs": 0, "segmentation_k": 6}
    later = demo.variant("semantics", quick)
    earlier = replace(later, settings=later.settings | {"segmentation_as_of": "2025-09-01"})
    earlier.build("--select", "+segment_history", *WITHOUT_TESTS)
    return later.build(*SELECTION)


@pytest.fixture(scope="module")
def answers(shop):
    """Return what `mf validate-configs` and `mf query` say, by the name of the question."""
    commands = {"validate": ["validate-configs"]}
    for name, (metrics, keys, _, _) in QUESTIONS.items():
        commands[name] = ["query", "--metrics", ",".join(metrics)]
        commands[name] += ["--group-by", ",".join(keys)] if keys else []
    commands["customers of the best tier"] = [
        *("query", "--metrics", "segment_customers", "--where"),
        "{{ Dimension('segmentation_customer__value_tier') }} = 'A'",
    ]
    results, spoken = ask(shop, list(commands.values()))
    return {"spoken": spoken} | dict(zip(commands, results, strict=True))


def test_configs_are_valid(answers):
    assert answers["validate"]["exit_code"] == 0, answers["spoken"]
    found = re.findall(
        r"validated ([a-z ]+) \(ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0\)", answers["spoken"]
    )
    parts = ("semantic models", "dimensions", "entities", "measures", "metrics")
    wanted = {f"{part} against data warehouse" for part in parts}
    assert set(found) == {"the semantics of built manifest"} | wanted, answers["spoken"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_metrics_are_what_sql_says(shop, answers, question):
    metrics, keys, table, columns = QUESTIONS[question]
    answer = answers[question]
    assert answer["exit_code"] == 0, answer["output"]

    chosen = [*columns, *(f"cast({expression} as double)" for expression in metrics.values())]
    grouped = f"group by {', '.join(columns)}" if columns else ""
    expected = {
        tuple(map(str, row[: len(columns)])): row[len(columns) :]
        for row in shop.rows(f"select {', '.join(chosen)} from {table} {grouped}")
    }
    got = {
        tuple(row[key] for key in keys): [number(row[metric]) for metric in metrics]
        for row in answer["rows"]
    }

    assert len(got) == len(answer["rows"])
    assert expected
    assert got.keys() == expected.keys()
    for key, values in expected.items():
        assert got[key] == pytest.approx([number(value) for value in values], **EXACTLY), key


def test_every_metric_is_asked_for_by_segment(shop):
    asked = {
        metric
        for metrics, keys, _, _ in QUESTIONS.values()
        if any("segment" in key for key in keys)
        for metric in metrics
    }
    manifest = json.loads((shop.scratch / "target" / "semantic_manifest.json").read_text())
    assert asked == {metric["name"] for metric in manifest["metrics"]}


def test_a_metric_can_be_cut_by_what_another_table_knows(shop, answers):
    ((customers,),) = (row.values() for row in answers["customers of the best tier"]["rows"])
    query = "select count(*) from customer_lifetime_value where value_tier = 'A'"
    assert int(float(customers)) == shop.value(query) > 0


def test_somebody_moved(shop):
    assert shop.value("select sum(entered_customers) from segment_history") > 0
    assert shop.value("select count(*) from segment_builds") == 2


def test_names_carry_the_prefix_of_the_package(shop):
    manifest = json.loads((shop.scratch / "target" / "semantic_manifest.json").read_text())
    named = [
        element["name"]
        for model in manifest["semantic_models"]
        for element in (model, *model["entities"], *model["measures"])
    ]
    assert named
    assert [name for name in named if not name.startswith("segmentation_")] == []
    assert [m["name"] for m in manifest["metrics"] if not m["name"].startswith("segment_")] == []


def number(value):
    """Return the number in a CSV field or a row, and nan for null."""
    return math.nan if value in (None, "", "None") else float(value)
