"""What the sections of the report are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from customer_segmentation.report.markup import text
from customer_segmentation.report.style import Palette
from customer_segmentation.report.tables import Numbering


@dataclass
class Section:
    """A section of the page: its heading, its content as HTML, and the charts in it."""

    id: str
    title: str
    parts: list[str] = field(default_factory=list)
    charts: dict = field(default_factory=dict)


class Report:
    """What the sections share: the tables, the profiles, the palette and the numbering."""

    def __init__(self, tables):
        self.tables = tables
        self.numbering = Numbering()
        self.profiles = tables.rows("select * from segment_profiles order by segment_id")
        self.palette = Palette({row["segment_id"]: row["segment_name"] for row in self.profiles})

    def section(self, id_, title, intro) -> Section:
        """Return a new section with a sentence on what it is about."""
        return Section(id_, title, [f'<p class="intro">{text(intro)}</p>'])

    def add(self, section, name, title, chart, finding, columns, rows):
        """Add a chart: its finding, its text alternative and the same as a table."""
        table = self.numbering.table(columns, rows, f"{title}, as a table")
        section.charts[name] = chart
        section.parts.append(
            f'<figure class="card"><h3>{text(title)}</h3>'
            f"<figcaption>{text(finding)}</figcaption>"
            f'<div class="chart" id="chart-{name}" role="img" '
            f'aria-label="{text(f"{title}: {finding}")}" '
            f'style="height:{chart["layout"]["height"]}px"></div>'
            f"<details><summary>Show as a table"
            f'<span class="hidden">: {text(title)}</span></summary>{table}</details></figure>'
        )

    def kpis(self, columns) -> list[dict]:
        """Return figures of the whole time by segment, in the order of the ids."""
        if not self.tables.has("segment_kpis"):
            return []
        return self.tables.rows(
            f"select segment_id, segment_name, {columns} from segment_kpis "
            "where scope = 'segment' and period = 'all' order by segment_id"
        )


def lacking(section, table) -> Section:
    """Say that a table is not published."""
    section.parts.append(
        f'<p class="note">This publication holds no table <code>{text(table)}</code>: '
        f"name it in segmentation_publish_tables to see this.</p>"
    )
    return section


def note(section, sentence) -> Section:
    """Say why there is nothing to show."""
    section.parts.append(f'<p class="note">{text(sentence)}</p>')
    return section
