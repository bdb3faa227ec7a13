"""Turn numbers and names into words that people read."""

from __future__ import annotations

NONE = "\u2013"
SHORT = 22


def whole(value) -> str:
    """Return a number without decimals, in groups of three digits."""
    return NONE if value is None else f"{value:,.0f}"


def decimal(value, digits=1) -> str:
    """Return a number with decimals, in groups of three digits."""
    return NONE if value is None else f"{round(float(value), digits) + 0.0:,.{digits}f}"


def money(value) -> str:
    """Return an amount: whole from 100 on, with cents below."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def percent(value, digits=0) -> str:
    """Return a share (0-1) as a percentage."""
    return NONE if value is None else f"{value:.{digits}%}".replace("%", "\u00a0%")


def tight(value) -> str:
    """Return a share (0-1) as a percentage that fits into a cell; nothing for none."""
    return "" if value is None else f"{value:.0%}"


def counted(number, one, many=None) -> str:
    """Return a number with its noun."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def spoken(name) -> str:
    """Return the name of a feature, column or check as words."""
    return str(name).replace("_", " ")


def short_name(name, segment_id=None) -> str:
    """Return the head of a segment's name, before its traits, with the id in front."""
    head = str(name).split(" · ")[0]
    head = head if len(head) <= SHORT else head[: SHORT - 1].rstrip() + "…"
    return head if segment_id is None else f"{segment_id} {head}"
