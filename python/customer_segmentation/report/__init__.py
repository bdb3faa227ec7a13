"""Render a published file as one HTML page that people read from top to bottom.

The way through the modules is the way of the page:

    reading -> findings, charts, tables -> sections -> page

It reads the small public tables only, so that a million customers cost what a thousand do.
"""

from __future__ import annotations

from customer_segmentation.report.page import page
from customer_segmentation.report.reading import ReportError, published
from customer_segmentation.report.sections import sections

__all__ = ["ReportError", "render"]


def render(path) -> str:
    """Return the report on a published folder or file as HTML.

    Parameters
    ----------
    path : path-like. The folder of `segmentation_publish_path`, or one file or folder in it.

    Raises
    ------
    ReportError: nothing is published there, or the file lacks what every report needs.
    """
    with published(path) as tables:
        return page(sections(tables), tables)
