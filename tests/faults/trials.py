"""Strike builds, look at what is left, and let the next build repair it."""

from __future__ import annotations

from dataclasses import dataclass

import verdicts
from followed_build import FollowedBuild, Moment
from injected_faults import KINDS, Scene
from shop_states import lines_of

KEEPS = 2


@dataclass(frozen=True)
class Strike:
    """One fault of one build.

    Attributes
    ----------
    kind : str among KINDS.
    moment : Moment
    amount : float. What is left of disk or memory, in MiB, where that is what is taken away.
    """

    kind: str
    moment: Moment
    amount: float = 0.0


@dataclass(frozen=True)
class Trial:
    """Builds of one situation that are struck one after the other, and then one that is not.

    Attributes
    ----------
    situation : str among `first`, `kept` and `refit`.
    strikes : tuple of Strike, all of kinds that need the same place.
    """

    situation: str
    strikes: tuple

    @property
    def place(self) -> str:
        """Return the kind of scratch folder that it needs."""
        (place,) = {KINDS[strike.kind].place for strike in self.strikes}
        return place


@dataclass
class Outcome:
    """A row of the table of faults.

    Attributes
    ----------
    kind, situation, moment : str. The fault.
    struck : bool. False when the build had ended before the moment came: this is no fault then.
    said : str. Exit code of the build, and its first error.
    published, warehouse : str. State after the fault, before anything else was run.
    newer : list of str. Tables of the warehouse that are of the struck run already.
    next_build : str. `equal` when the next build gave what the undisturbed twin gave.
    problems : list of str. What is lost, mixed, or needs a hand.
    """

    kind: str
    situation: str
    moment: str
    struck: bool
    said: str
    published: str
    warehouse: str
    newer: list
    next_build: str
    problems: list


def run(shop, place, trial) -> list[Outcome]:
    """Run a trial in a place, and return an outcome per fault."""
    situation = shop.situations[trial.situation]
    place.restore(situation.files, lines_of(trial.situation))
    outcomes = [_strike(place, situation, strike) for strike in trial.strikes]
    state, problems = _next_build(place, situation)
    for outcome in outcomes:
        outcome.next_build = state
        outcome.problems += problems
    return outcomes


def _strike(place, situation, strike):
    """Let a build run into a fault, and look at what is left while the fault lasts."""
    fault, project = KINDS[strike.kind], place.project
    neighbour = place.neighbour and place.neighbour.project
    scene = Scene(project, situation.selection, strike.amount, neighbour)
    scene.build = FollowedBuild(project, situation.selection)
    try:
        struck = scene.build.wait_for(strike.moment)
        if struck:
            fault.strike(scene)
        code = scene.build.finish()
        codes = [code, *(other.finish() for other in scene.others)]
        published = verdicts.of_published(
            scene.published, situation.last_published, situation.twin_published, situation.era
        )
        warehouse = verdicts.of_warehouse(project, situation.last, situation.twin, situation.era)
    finally:
        fault.lift(scene)
    problems = [problem for one in published.values() for problem in one.problems]
    if code == 0 and any(one.state != "new" for one in published.values()):
        problems.append("the build ended well, and did not publish")
    return Outcome(
        kind=strike.kind,
        situation=situation.name,
        moment=str(strike.moment),
        struck=struck,
        said=_said(codes, [scene.build, *scene.others]),
        published=" and ".join(sorted({one.state for one in published.values()})),
        warehouse=warehouse.state,
        newer=warehouse.newer,
        next_build="",
        problems=problems + warehouse.problems,
    )


def _said(codes, builds):
    texts = [line for build in builds for line in build.said if line]
    told = ", ".join("hangs" if code is None else str(code) for code in codes)
    return f"{told}: {texts[0]}" if texts else told


def _next_build(place, situation):
    """Build again with nobody's help, and compare with what the twin built."""
    project, published = place.project, place.project.scratch / "published"
    build = FollowedBuild(project, situation.selection)
    code = build.finish()
    if code != 0:
        return "fails", [f"the next build fails: {_said([code], [build])}"]
    problems = []
    found = verdicts.warehouse_tables(project, situation.era)
    differ = verdicts.differing(found, situation.twin)
    problems += [f"the next build differs in {', '.join(differ)}"] if differ else []
    for format_ in verdicts.FORMATS:
        found = verdicts.published_tables(published, format_, situation.era)
        differ = verdicts.differing(found, situation.twin_published)
        problems += [f"its {format_} differs in {', '.join(differ)}"] if differ else []
    left = verdicts.leftovers(project, published)
    problems += [f"it leaves {', '.join(left)}"] if left else []
    versions = len(list(published.glob("segmentation-*.duckdb")))
    problems += [f"{versions} versions are kept"] if versions > KEEPS else []
    return ("differs" if problems else "equal"), problems
