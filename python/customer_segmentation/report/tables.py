"""Lay out tables with Great Tables."""

from __future__ import annotations

import itertools
import re

import pandas as pd
from great_tables import GT

from customer_segmentation.report import markup

NUMBER = re.compile(r"[-+\u2013]?[\d,.]*(\u00a0%| days)?")


def table(columns, rows, label, number) -> str:
    """Return rows as an HTML table that scrolls in itself.

    Parameters
    ----------
    columns : list of str. Headings.
    rows : list of sequence of str. Cells, worded; Great Tables escapes them.
    label : str. What a screen reader calls the table.
    number : int. Number of the table on the page, for ids that occur once.
    """
    frame = pd.DataFrame(
        [[str(cell) for cell in row] for row in rows],
        columns=[f"c{place}" for place in range(len(columns))],
        dtype=object,
    )
    numeric = [
        name for name in frame if len(frame) and all(map(NUMBER.fullmatch, frame[name].tolist()))
    ]
    laid_out = (
        GT(frame, id=f"table-{number}")
        .cols_label(dict(zip(frame, columns, strict=True)))
        .cols_align("left", [name for name in frame if name not in numeric])
        .cols_align("right", numeric)
        .as_raw_html()
    )
    # The style sheet of the page does for all tables what each would bring along.
    inner = re.search(
        r"<table.*</table>", re.sub(r"<style>.*?</style>", "", laid_out, flags=re.S), re.S
    )
    return markup.scrolling(re.sub(r' data-quarto-[a-z-]+="[a-z]+"', "", inner[0]), label)


class Numbering:
    """Number the charts and tables of one page."""

    def __init__(self):
        self.counter = itertools.count(1)

    def table(self, columns, rows, label) -> str:
        """Return the next table of the page, see `table`."""
        return table(columns, rows, label, next(self.counter))
