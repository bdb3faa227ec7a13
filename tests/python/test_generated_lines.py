"""The invariants of the design on tables of lines that hypothesis thinks of.

What runs is the SQL that dbt compiled, and the Python models as they are. The tables are small and
nasty: ids that differ in what cannot be seen, numbers that are none, dates that are words.
"""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from bad_inputs import write_input
from compiled_models import CompiledModels
from dbt_session import invoke
from hypothesis import HealthCheck, event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from project_runner import install

COLUMNS = [
    *("line_id", "order_id", "customer_id", "ordered_at", "product_id"),
    *("category", "channel", "country", "quantity", "unit_price"),
]
START = datetime(2025, 1, 1)

# Names that are all different, and what may stand around a name without changing it.
NAMES = ["007", "7", "a", "A", "Zo\u00eb", "Zoe\u0308", "C7", "\u04217", "\u9867\u5ba2", "'; --"]
AROUND = ["{}", " {}", "{}\u00a0", "\t{}\n", "{}\u200b", "\ufeff{}"]
BLANKS = [None, "", " ", "\u200b", "\u00a0\t"]
NO_NUMBERS = [None, "", "two", "1,5", "NaN", "-inf", "1e400", "\u0663", "99999999999999999999"]
NO_DATES = [None, " ", "soon", "2025-02-30", "31/12/2025", "1899-12-31", "2101-01-01", "infinity"]

mostly = st.integers(0, 9).map(bool)
some_orders = st.one_of(st.integers(0, 9).map(str), st.sampled_from(BLANKS))
some_quantities = st.one_of(st.integers(-3, 9).map(str), st.sampled_from(NO_NUMBERS))


@st.composite
def line(draw):
    """Draw a line as a tuple of what it is: a customer's number or None, a moment or None, text."""
    names = st.integers(0, len(NAMES) - 1)
    customer = draw(names) if draw(mostly) else None
    moment = START + timedelta(minutes=draw(st.integers(0, 300 * 1440))) if draw(mostly) else None
    return {
        "customer": customer,
        "around": draw(st.sampled_from(AROUND if customer is not None else BLANKS)),
        "moment": moment,
        "no_date": draw(st.sampled_from(NO_DATES)),
        # a key of two customers' lines would be kept for one of them, the first by name
        "line_id": draw(st.one_of(st.none(), st.integers(0, 9).map(f"{customer}-{{}}".format))),
        "order_id": draw(some_orders),
        "quantity": draw(some_quantities),
        "price": draw(st.integers(0, 5000)) if draw(mostly) else None,
        "no_price": draw(st.sampled_from(NO_NUMBERS)),
        "dimensions": draw(st.tuples(*[st.sampled_from(["x", "y", "\u200b", None])] * 4)),
    }


def written(lines, names=NAMES, shift=0, factor=1):
    """Return the rows of the table, with other names, days later, or in another currency."""
    rows = []
    for entry in lines:
        customer, moment, price = entry["customer"], entry["moment"], entry["price"]
        product, category, channel, country = entry["dimensions"]
        rows.append(
            (
                entry["line_id"],
                entry["order_id"],
                entry["around"] if customer is None else entry["around"].format(names[customer]),
                entry["no_date"] if moment is None else str(moment + timedelta(days=shift)),
                product,
                category,
                channel,
                country,
                entry["quantity"],
                entry["no_price"] if price is None else str(Decimal(price * factor) / 100),
            )
        )
    return rows


@pytest.fixture(scope="module")
def compiled(root, tmp_path_factory):
    """Return a function that compiles the models up to one of them."""
    shop = install("nightly_shop", root, tmp_path_factory.mktemp("generated"), "shop_segmentation")
    project = shop.variant(
        "compiled",
        {"segmentation_k": 3, "segmentation_n_init": 2, "segmentation_stability_runs": 0},
    )
    write_input(project.scratch / "lines.parquet", "from clean")
    manifest = invoke(project, ["parse"])[0].result
    for command in ["seed"], ["compile"]:
        selection = ["--select", "+file:segments.sql"]
        result, text = invoke(project, [*command, *selection], manifest)
        assert result.success, text
    return lambda target: CompiledModels(manifest, project, target)


@pytest.fixture(scope="module")
def scores(compiled):
    """Return the models up to features and scores."""
    return compiled("customer_rfm")


@pytest.fixture(scope="module")
def fit(compiled):
    """Return the models up to the segments."""
    return compiled("segments")


RFM = """
    select customer_id, recency_days, frequency, monetary, recency_score, frequency_score,
        monetary_score, rfm_segment
    from customer_rfm order by customer_id
"""
ALL = "select * from feature_snapshot order by customer_id"
fast = hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@fast
@given(lines=st.lists(line(), max_size=40))
def test_lines_and_money_are_accounted_for(scores, lines):
    rows = written(lines)
    scores.run(rows, COLUMNS)
    counted = scores.rows(
        "select count(*), count(reject_reason), sum(amount) filter (reject_reason is null) "
        "from stg_transactions"
    )
    ((total, rejected, kept_amount),) = counted
    assert total == len(rows)
    event(f"{rejected * 4 // max(total, 1)} quarters of the lines are rejected")
    ((checked, failed, amount),) = scores.rows(
        "select rows_checked, rows_failed, amount_checked - amount_failed "
        "from transaction_audit where check_name = 'kept_lines'"
    )
    assert (checked, failed) == (total, rejected)
    assert amount == (kept_amount or 0)
    reasons = scores.rows(
        "select reject_reason, count(*) from stg_transactions "
        "where reject_reason is not null group by all"
    )
    audited = scores.rows(
        "select check_name, rows_failed from transaction_audit where position < 100 "
        "and rows_failed > 0"
    )
    assert Counter(dict(reasons)) == Counter(dict(audited))

    # what was sold belongs to a customer with a valid order, or to one who only returned
    ((spend,),) = scores.rows("select coalesce(sum(monetary), 0) from feature_snapshot")
    ((returned_only,),) = scores.rows(
        "select amount_failed from transaction_audit "
        "where check_name = 'customers_without_purchase'"
    )
    assert spend == amount - returned_only


@fast
@given(lines=st.lists(line(), max_size=40))
def test_every_buyer_has_features_once_and_scores_that_rise(scores, lines):
    scores.run(written(lines), COLUMNS)
    buyers = scores.rows(
        "select distinct customer_id from stg_transactions "
        "where reject_reason is null and not is_return order by customer_id"
    )
    assert scores.rows("select customer_id from feature_snapshot order by customer_id") == buyers
    assert set(buyers) <= {(name,) for name in NAMES}

    found = scores.rows(RFM)
    assert [row[:1] for row in found] == buyers
    for measure, score, sign in [(1, 4, -1), (2, 5, 1), (3, 6, 1)]:
        for one in found:
            for other in found:
                if one[measure] == other[measure]:
                    assert one[score] == other[score]
                elif one[measure] < other[measure]:
                    assert sign * (other[score] - one[score]) >= 0
    assert all(1 <= value <= 5 for row in found for value in row[4:7])
    assert all(row[7] for row in found)


@fast
@given(lines=st.lists(line(), max_size=40), data=st.data())
def test_order_of_the_rows_changes_nothing(scores, lines, data):
    rows = written(lines)
    scores.run(rows, COLUMNS)
    expected = scores.rows(ALL), scores.rows(RFM)
    scores.run(data.draw(st.permutations(rows)), COLUMNS)
    assert (scores.rows(ALL), scores.rows(RFM)) == expected


@fast
@given(lines=st.lists(line(), max_size=40), weeks=st.integers(-50, 30))
def test_names_and_dates_change_no_measure(scores, lines, weeks):
    scores.run(written(lines), COLUMNS)
    measured = """
        select customer_id, columns(lambda name: not contains(name, '_at') and name not in
            ('customer_id', 'as_of')) from feature_snapshot order by customer_id
    """
    other = dict(zip(NAMES, NAMES[::-1], strict=True))
    expected = sorted((other[name], *rest) for name, *rest in scores.rows(measured))
    ranked = sorted((other[name], *rest) for name, *rest in scores.rows(RFM))
    scores.run(written(lines, names=NAMES[::-1], shift=7 * weeks), COLUMNS)
    assert sorted(scores.rows(measured)) == expected
    assert sorted(scores.rows(RFM)) == ranked


@fast
@given(lines=st.lists(line(), max_size=40), factor=st.sampled_from([3, 100, 1000]))
def test_currency_changes_spend_and_no_score(scores, lines, factor):
    scores.run(written(lines), COLUMNS)
    expected = [(*row[:3], row[3] * factor, *row[4:]) for row in scores.rows(RFM)]
    scores.run(written(lines, factor=factor), COLUMNS)
    assert scores.rows(RFM) == expected


def refusal_of(fit, rows):
    """Run the models, and return what they say when they refuse the table."""
    try:
        fit.run(rows, COLUMNS)
    except ValueError as error:
        return str(error)
    return None


@hypothesis_settings(fast, max_examples=6)
@given(lines=st.lists(line(), min_size=30, max_size=60))
def test_everybody_is_in_one_segment_and_none_is_empty(fit, lines):
    known = [entry for entry in lines if entry["customer"] is not None]
    refusal = refusal_of(fit, written(known))
    event("fitted" if refusal is None else "too few different customers")
    if refusal is not None:
        assert "segmentation_" in refusal
        return
    buyers = fit.rows(
        "select distinct customer_id from stg_transactions "
        "where reject_reason is null and not is_return order by customer_id"
    )
    assert fit.rows("select customer_id from segments order by customer_id") == buyers
    used = fit.rows("select distinct segment_id from segments order by 1")
    fitted = fit.rows("select distinct unnest(prototype_segment_id) from segment_model order by 1")
    assert used == fitted
