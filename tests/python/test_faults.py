"""Builds that are struck leave the last good state, and the next one repairs what there is.

One fault of each kind, of the hundreds of `make faults`: see tests/faults/.
"""

import re

import pytest
import trials
from followed_build import Moment
from injected_faults import possible_kinds
from shop_states import CORE, Shop, lines_of
from trials import Strike, Trial

# Each list is struck one after the other, on top of what the one before has left.
ROWS = {
    "kept": [
        Strike("SIGKILL", Moment("start", "segments_snapshot")),
        Strike("input cut in half", Moment("start", "transaction_ledger")),
        Strike("memory cut (RLIMIT_AS)", Moment("start", "segments"), 4),
        Strike("database read-only", Moment("start", "feature_snapshot")),
        Strike("SIGKILL", Moment("seen", ".segmentation-*.duckdb")),
        Strike("second build", Moment("start", "transaction_ledger")),
    ],
    "refit": [
        Strike("SIGTERM", Moment("end", "segmentation_runs")),
        Strike("SIGKILL", Moment("end", "segment_model")),
        Strike("file size limit", Moment("start", "segments"), 0),
    ],
}
RELOADED = ("segment_actions", "rfm_archetypes", "feature_phrases", "segment_name_overrides")


@pytest.fixture(scope="module")
def shop(root, tmp_path_factory):
    return Shop(root, tmp_path_factory.mktemp("faults") / "shop", selection=CORE)


@pytest.mark.parametrize("situation", ROWS)
def test_struck_builds_lose_nothing_and_need_no_hand(shop, tmp_path, situation):
    why = possible_kinds(tmp_path)
    strikes = tuple(strike for strike in ROWS[situation] if strike.kind not in why)
    place = shop.place(f"struck_{situation}", "plain")
    outcomes = trials.run(shop, place, Trial(situation, strikes))
    assert [outcome.problems for outcome in outcomes] == [[]] * len(strikes)
    assert all(outcome.struck for outcome in outcomes)
    assert {outcome.next_build for outcome in outcomes} == {"equal"}


def test_seed_that_is_dropped_is_filled_in_the_same_transaction(shop):
    place = shop.place("seeds", "plain")
    place.restore(shop.situations["kept"].files, lines_of("kept"))
    outcome = place.project.dbt("seed", "--select", *RELOADED)
    assert outcome.returncode == 0, outcome.stdout
    log = (place.project.scratch / "logs" / "dbt.log").read_text(encoding="utf-8")
    said = re.findall(
        r"On seed\.customer_segmentation\.(\w+): (?:/\*.*?\*/)?\s*(\w+)", log, re.DOTALL
    )
    for seed in RELOADED:
        steps = [step.lower() for name, step in said if name == seed and step.lower() != "select"]
        assert steps[:3] == ["begin", "drop", "create"], (seed, steps)
