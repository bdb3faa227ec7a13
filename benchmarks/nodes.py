"""What each part of a `dbt build` took, from target/run_results.json and target/manifest.json."""

import json
from collections import defaultdict
from datetime import datetime

# The parts of the way: a model belongs to the first of them that needs it.
MODEL = "model.customer_segmentation."
PARTS = {
    "audit": ("transaction_audit",),
    "features": ("feature_snapshot", "customer_rfm"),
    "fit": ("segment_model",),
    "scoring": ("segments", "segment_profiles", "segment_quality"),
}
REST, TESTS = "rest of the package", "tests"


def part_of_each(manifest) -> dict:
    """Return the part of every node that leads to one of them, by unique id."""
    found = {}
    for part, models in PARTS.items():
        waiting = [MODEL + model for model in models]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found[node] = part
                waiting += manifest["parent_map"].get(node, [])
    return found


def intervals(results) -> dict:
    """Return start and end of each node that ran, in seconds since the epoch, by unique id."""
    found = {}
    for result in results:
        moments = [
            datetime.fromisoformat(phase[which].replace("Z", "+00:00")).timestamp()
            for phase in result["timing"]
            for which in ("started_at", "completed_at")
            if phase[which]
        ]
        if moments:
            found[result["unique_id"]] = (min(moments), max(moments))
    return found


def shares_of_wall(spans) -> dict:
    """Return the seconds of each node, such that they add up to the time when any of them ran.

    dbt runs several nodes at a time: each moment is divided equally among those that run in it.

    Parameters
    ----------
    spans : dict of name to (start, end), in seconds.
    """
    events = sorted(
        [(start, 1, name) for name, (start, _) in spans.items()]
        + [(end, 0, name) for name, (_, end) in spans.items()]
    )
    seconds, running, last = defaultdict(float), set(), None
    for moment, is_start, name in events:
        for other in running:
            seconds[other] += (moment - last) / len(running)
        last = moment
        if is_start:
            running.add(name)
        else:
            running.discard(name)
    return dict(seconds)


def without_imports(spans, manifest, imports) -> dict:
    """Return the intervals, that of the first Python model without the imports it begins with.

    A model that did little else is left out.

    Parameters
    ----------
    spans : dict of unique id to (start, end), in seconds.
    imports : float. Seconds.
    """
    # exposures run too, and are no nodes
    nodes = manifest["nodes"]
    models = [name for name in spans if nodes.get(name, {}).get("language") == "python"]
    if not models:
        return spans
    first = min(models, key=spans.get)
    start, end = spans[first]
    others = {name: span for name, span in spans.items() if name != first}
    return {**others, first: (start + imports, end)} if start + imports < end else others


def seconds_of_parts(target, imports) -> tuple[dict, dict, float]:
    """Return the seconds of each part of the last build and of each node, and those left out.

    What is left out is the time of imports in which no other node ran.

    Parameters
    ----------
    target : Path. dbt's folder of results.
    imports : float. Seconds that the first Python model spends on imports: no part has them.
    """
    results = json.loads((target / "run_results.json").read_text())["results"]
    manifest = json.loads((target / "manifest.json").read_text())
    parts = part_of_each(manifest)
    spans = intervals(results)
    nodes = shares_of_wall(without_imports(spans, manifest, imports))
    left_out = sum(shares_of_wall(spans).values()) - sum(nodes.values())
    found = dict.fromkeys([*PARTS, REST, TESTS], 0.0)
    for node, seconds in nodes.items():
        found[TESTS if node.startswith("test.") else parts.get(node, REST)] += seconds
    return found, nodes, left_out
