"""Strike `dbt build` again and again, and account for every fault: `make faults`.

    python tests/faults/campaign.py --folder target/faults [--minutes 60] [--only SIGKILL ...]

Each fault is a row of target/faults/faults.jsonl, and of the table that is printed at the end. The
exit code is 0 when nothing was lost or mixed, and every next build gave what its twin gave.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import mkdtemp

import trials
from followed_build import Moment
from injected_faults import KINDS, possible_kinds
from shop_states import CORE, WHOLE, Shop
from trials import Strike, Trial

CHECKOUT = Path(__file__).parents[2]
# Nodes that read the input, or write what others read: where a fault other than a kill strikes.
TELLING = (
    *("transaction_ledger", "transaction_audit", "feature_snapshot", "segmentation_runs"),
    *("segment_candidates", "segment_model", "segment_name_register", "segments"),
    *("segments_snapshot", "segment_profiles", "segment_builds", "publications"),
)
READS_INPUT = ("observation_window", "transaction_ledger", "transaction_audit")
# So many builds are struck in a row before one is left alone; others are struck alone.
ROW = 4
# Steps of publishing, seen from outside.
STEPS = (
    *(("seen", ".segmentation-*.duckdb"), ("seen", "segmentation-*.duckdb")),
    *(("linked", "segmentation.duckdb"), ("seen", ".segmentation-*Z")),
    *(("seen", "segmentation-*Z"), ("linked", "segmentation")),
)


def plan(shop, rng) -> list[Trial]:
    """Return the whole campaign in random order, so that any part of it samples all kinds."""
    found = []
    rows = {}

    def add(kind, moment, amount=0.0, situation=None, alone=True):
        situation = situation or rng.choice(("kept", "refit"))
        strike = Strike(kind, moment, amount)
        if alone:
            found.append(Trial(situation, (strike,)))
        else:
            rows.setdefault((situation, KINDS[kind].place), []).append(strike)

    def moment(situation="kept"):
        return Moment("after", rng.uniform(0.1, 0.9) * shop.situations[situation].seconds)

    def node(names=TELLING):
        return Moment(rng.choice(("start", "end")), rng.choice(names))

    # at each node's start and end, once where the model is kept and once where one is fitted
    for number, name in enumerate(shop.situations["kept"].nodes):
        for kind in ("start", "end"):
            turn = (number + (kind == "end")) % 2
            add("SIGKILL", Moment(kind, name), situation=("kept", "refit")[turn], alone=False)
    for number in range(60):
        situation = ("kept", "refit")[number % 2]
        add("SIGKILL", moment(situation), situation=situation, alone=number < 10)
    for _ in range(5):
        add("SIGKILL", moment("first"), situation="first")
        add("SIGKILL", Moment("at", "once"), alone=False)
    for step in STEPS:
        for situation in ("kept", "refit"):
            add("SIGKILL", Moment(*step), situation=situation)
    for kind in ("SIGTERM", "SIGINT"):
        for number in range(8):
            add(kind, node() if number % 2 else moment(), alone=number < 2)
    for number in range(10):
        early, alone = Moment("at", "once"), number < 2
        add("disk full", node(), rng.choice((0, 0.3, 1, 3)), alone=alone)
        add("memory cut (RLIMIT_AS)", node(), rng.choice((0, 4, 16, 48)), alone=alone)
        add("database read-only", node() if number else early, alone=alone)
    for number in range(5):
        reading = Moment("start", rng.choice(READS_INPUT)) if number else Moment("at", "once")
        add("file size limit", node(), rng.choice((0, 0.5, 2)))
        add("published folder full", node(("segments", "publications")), rng.choice((0, 0.5, 4)))
        add("published folder read-only", node(("segments", "publications")))
        add("input removed", reading, alone=number < 2)
        add("input cut in half", reading, alone=number < 2)
        add("second build", node())
    for kind in ("second build that waits", "second publisher"):
        for _ in range(3):
            add(kind, Moment("start", rng.choice(("transaction_ledger", "segment_model"))))
    add("memory_limit, no room for temporary files", Moment("at", "once"))
    # the leftovers of one fault under the next
    for (situation, _), strikes in rows.items():
        rng.shuffle(strikes)
        for start in range(0, len(strikes), ROW):
            found.append(Trial(situation, tuple(strikes[start : start + ROW])))
    rng.shuffle(found)
    return found


class Worker:
    """One at a time of the builds of a campaign, with scratch folders of its own."""

    def __init__(self, shop, number):
        self._shop, self._number = shop, number
        self._places = {}

    def run(self, trial):
        """Run a trial in the place that it needs."""
        if trial.place not in self._places:
            name = f"worker_{self._number}_{trial.place.replace(' ', '_')}"
            self._places[trial.place] = self._shop.place(name, trial.place)
        return trials.run(self._shop, self._places[trial.place], trial)

    def close(self):
        """Take away what is mounted."""
        for place in self._places.values():
            place.close()


def work(worker, queue, until, report):
    """Run trials until there are none left, or it is too late for another one."""
    try:
        while time.monotonic() < until:
            try:
                trial = queue.get_nowait()
            except Empty:
                return
            for outcome in worker.run(trial):
                report(outcome)
    finally:
        worker.close()


def table(outcomes) -> str:
    """Return the outcomes as text: one line per fault, and what became of each kind."""
    rows = [("fault", "build", "moment", "said", "published", "warehouse", "next build")]
    for one in outcomes:
        moment = one.moment if one.struck else f"{one.moment} (too late)"
        said = " ".join(one.said.split())[:70]
        rows.append(
            (one.kind, one.situation, moment, said, one.published, one.warehouse, one.next_build)
        )
    text = [_line(rows[0]), _line("---" for _ in rows[0])]
    text += [_line(row) for row in sorted(rows[1:])]
    text += ["", _line(("fault", "faults", "lost or mixed", "next build fails or differs"))]
    text += [_line(("---", "---:", "---:", "---:"))]
    struck = [one for one in outcomes if one.struck]
    for kind in [*KINDS, None]:
        of_kind = [one for one in struck if kind in (None, one.kind)]
        if of_kind:
            bad = [one for one in of_kind if one.problems and one.next_build == "equal"]
            unrepaired = [one for one in of_kind if one.next_build != "equal"]
            text.append(_line((kind or "all", len(of_kind), len(bad), len(unrepaired))))
    return "\n".join(text)


def _line(cells):
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def main(arguments=None):
    """Run the campaign; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=CHECKOUT / "target" / "faults")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start none after that")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="kinds of faults; all without")
    parser.add_argument("--core", action="store_true", help="build the main tables only")
    parser.add_argument("--limit", type=int, help="so many trials at most")
    chosen = parser.parse_args(arguments)

    started = time.monotonic()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(mkdtemp(prefix="builds-", dir=chosen.folder))
    impossible = possible_kinds(scratch)
    shop = Shop(CHECKOUT, scratch, selection=CORE if chosen.core else WHOLE)
    planned = [
        trial
        for trial in plan(shop, random.Random(chosen.seed))
        if not any(one.kind in impossible for one in trial.strikes)
        and (not chosen.only or all(one.kind in chosen.only for one in trial.strikes))
    ][: chosen.limit]
    queue = SimpleQueue()
    for trial in planned:
        queue.put(trial)
    outcomes = []
    with (chosen.folder / "faults.jsonl").open("w", encoding="utf-8") as file:

        def report(outcome):
            outcomes.append(outcome)
            file.write(json.dumps(asdict(outcome)) + "\n")
            file.flush()
            state = "; ".join(outcome.problems) or f"{outcome.published}, {outcome.warehouse}"
            print(
                f"{len(outcomes):4} {outcome.kind}, {outcome.situation}, {outcome.moment}: {state}",
                flush=True,
            )

        until = started + 60 * chosen.minutes
        with ThreadPoolExecutor(chosen.workers) as pool:
            jobs = [
                pool.submit(work, Worker(shop, number), queue, until, report)
                for number in range(chosen.workers)
            ]
        for job in jobs:
            job.result()
    text = table(outcomes)
    (chosen.folder / "faults.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    for kind, why in impossible.items():
        print(f"Not possible here: {kind}: {why}.")
    faults = sum(len(trial.strikes) for trial in planned)
    late = Counter(one.struck for one in outcomes)[False]
    print(
        f"{faults} planned, {len(outcomes) - late} struck, {late} came too late, "
        f"{faults - len(outcomes)} not begun; {time.monotonic() - started:.0f} s."
    )
    harmed = [one for one in outcomes if one.problems]
    if not harmed:
        shutil.rmtree(scratch, ignore_errors=True)
    for one in harmed:
        print(f"HARM: {one.kind}, {one.situation}, {one.moment}: {'; '.join(one.problems)}")
    return 1 if harmed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
