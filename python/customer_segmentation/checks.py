"""Refuse a value in one sentence: the setting, the value it has, the value wanted, the remedy."""

from __future__ import annotations

import json
from math import isfinite


def require(holds, name, value, wanted, remedy):
    """Raise ValueError about the setting `segmentation_<name>` unless `holds`."""
    if not holds:
        shown = json.dumps(value, ensure_ascii=False, default=str)
        raise ValueError(f"segmentation_{name} is {shown}, but it must be {wanted}: {remedy}.")


def require_choice(name, value, choices):
    """Raise unless the value is one of the choices."""
    require(
        isinstance(value, str) and value in choices,
        name,
        value,
        one_of(choices),
        "set it to one of these",
    )


def require_whole(name, value, lowest, highest=None, remedy=None):
    """Raise unless the value is a whole number within the limits, both included."""
    wanted = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
    require(
        isinstance(value, int)
        and not isinstance(value, bool)
        and lowest <= value
        and (highest is None or value <= highest),
        name,
        value,
        f"a whole number {wanted}",
        f"set it to {lowest} or more" + (f", {remedy}" if remedy else ""),
    )


def require_share(name, value, example, *, above_zero=False, below_one=False):
    """Raise unless the value is a number from 0 to 1, ends included unless told otherwise."""
    low, high = ("above 0" if above_zero else "from 0"), ("below 1" if below_one else "1")
    require(
        is_number(value)
        and (value > 0 if above_zero else value >= 0)
        and (value < 1 if below_one else value <= 1),
        name,
        value,
        f"a number {low} to {high}",
        f"write for example {example}",
    )


def require_positive(name, value, example):
    """Raise unless the value is a number above 0."""
    require(
        is_number(value) and value > 0,
        name,
        value,
        "a number above 0",
        f"write for example {example}",
    )


def one_of(choices):
    """Return the choices in words."""
    return "one of " + ", ".join(f'"{choice}"' for choice in choices)


def is_number(value):
    """Tell whether a value is a finite number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
