"""Put the sections of the report together, in the order in which they are read."""

from __future__ import annotations

from customer_segmentation.report.sections.model import (
    card,
    drivers,
    flat_map,
    quality,
    selection,
)
from customer_segmentation.report.sections.movement import (
    migrations,
    retention,
    value,
)
from customer_segmentation.report.sections.overview import (
    headline,
    profiles,
    rfm,
    who_and_what,
)
from customer_segmentation.report.sections.section import Report, Section

ORDER = (
    headline,
    profiles,
    who_and_what,
    rfm,
    selection,
    flat_map,
    drivers,
    migrations,
    retention,
    value,
    quality,
    card,
)


def sections(tables) -> list[Section]:
    """Return all sections of the report."""
    report = Report(tables)
    return [make(report) for make in ORDER]
