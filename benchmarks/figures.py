"""Figures from the records of `benchmarks/run.py`: medians, spreads, ratios of pairs."""

import math
from collections import defaultdict
from statistics import median

STEPS = ("features", "fit", "scoring")


def total(record) -> float:
    """Return the seconds of all steps of a record, without start and without the floor's audit."""
    if "dbt_start" in record:
        return sum(record["seconds"].values())
    return sum(record["seconds"][step] for step in STEPS)


def by_name(records, step, lines=None) -> dict:
    """Return the records of a step that did not fail, by contender, in the order of rounds."""
    found = defaultdict(list)
    for record in records:
        if record["step"] == step and lines in (None, record["lines"]) and "error" not in record:
            found[record["name"]].append(record)
    return dict(found)


def ratios(over, under, measure=total, other=None) -> list:
    """Return one figure over another for each round that both have.

    Parameters
    ----------
    over, under : list of dict. Records of one contender each.
    measure, other : callable. What to compare; `other`, if given, for `under`.
    """
    rounds = {record["round"]: record for record in under}
    return [
        measure(record) / (other or measure)(rounds[record["round"]])
        for record in over
        if record["round"] in rounds
    ]


def sql_less_audit(floor):
    """Return what the SQL nodes took over the floor's features and scoring, less one audit pass.

    Parameters
    ----------
    floor : list of dict. Records of the floor, for its audit pass in the same round.
    """
    audits = {record["round"]: record["seconds"]["audit"] for record in floor}

    def measure(package):
        seconds = package["seconds"]
        return (
            seconds["audit"] + seconds["features"] + seconds["scoring"] - audits[package["round"]]
        )

    return measure


def slope(points) -> float:
    """Return the slope of a line through the logarithms, by least squares.

    Parameters
    ----------
    points : list of (lines, seconds)
    """
    xs, ys = zip(*[(math.log(lines), math.log(seconds)) for lines, seconds in points], strict=True)
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    covariance = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return covariance / sum((x - x_mean) ** 2 for x in xs)


def spread(values, digits=1, unit="") -> str:
    """Return the median and, in brackets, the smallest and the largest."""
    text = f"{median(values):,.{digits}f}{unit}"
    if len(values) > 1:
        text += f" ({min(values):,.{digits}f} to {max(values):,.{digits}f})"
    return text
