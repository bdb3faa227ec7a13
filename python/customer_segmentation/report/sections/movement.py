"""Sections on how customers move, stay and what they are worth."""

from __future__ import annotations

from customer_segmentation.report import charts, findings
from customer_segmentation.report.sections.section import Section, lacking, note
from customer_segmentation.report.style import SEQUENTIAL, plain
from customer_segmentation.report.wording import (
    NONE,
    money,
    percent,
    tight,
    whole,
)

PERIODS = 12


def migrations(report) -> Section:
    """Return the streams between the newest two builds."""
    section = report.section(
        "migrations", "Who moved", "From the segment in the build before to the one in the newest."
    )
    if not report.tables.has("segment_migrations"):
        return lacking(section, "segment_migrations")
    rows = report.tables.rows(
        "select * from segment_migrations where (from_as_of, to_as_of) = ("
        "select (max(from_as_of), max(to_as_of)) from segment_migrations "
        "where to_as_of = (select max(to_as_of) from segment_migrations)) "
        "order by from_segment_id nulls last, to_segment_id nulls last, movement"
    )
    if not rows:
        return note(
            section,
            "There is only one build so far: the next one shows who moved from where to where.",
        )
    before, after = (rows[0][column].strftime("%Y-%m-%d") for column in ("from_as_of", "to_as_of"))
    report.add(
        section,
        "migrations",
        f"Between {before} and {after}",
        charts.migrations(rows, report.palette, before[2:7], after[2:7])
        if before[:7] != after[:7]
        else charts.migrations(rows, report.palette, before[2:], after[2:]),
        findings.migrations(rows),
        ["From", "To", "Movement", "Customers", "Share of the old segment", "Revenue"],
        [
            (
                row["from_segment_name"],
                row["to_segment_name"],
                row["movement"],
                whole(row["customers"]),
                percent(row["from_share"], 1),
                money(row["revenue"]),
            )
            for row in rows
        ],
    )
    return section


def retention(report) -> Section:
    """Return the retention of the segments by period."""
    section = report.section(
        "retention",
        "Retention",
        "Of those who bought in a period, the share that bought again in the next one. Segments "
        "are those of today, so that whoever is lost today had low retention lately by definition.",
    )
    if not report.tables.has("segment_kpis"):
        return lacking(section, "segment_kpis")
    rows = report.tables.rows(
        "select * from segment_kpis where scope = 'segment' and is_complete and period in ("
        "select period from segment_kpis where scope = 'segment' and period != 'all' "
        f"and is_complete group by period order by max(period_start) desc limit {PERIODS}) "
        "order by period_start, segment_id"
    )
    if not any(row["retention_rate"] is not None for row in rows):
        return note(section, "No customer has bought in two periods yet.")
    periods = list(dict.fromkeys(row["period"] for row in rows))
    cells = {(row["segment_id"], row["period"]): row for row in rows}
    ids = list(report.palette.names)

    def each(words):
        return [
            [
                None if (id_, period) not in cells else words(cells[id_, period])
                for period in periods
            ]
            for id_ in ids
        ]

    report.add(
        section,
        "retention",
        "Retention by segment and period",
        charts.heat_map(
            [report.palette.short(id_) for id_ in ids],
            periods,
            each(lambda row: row["retention_rate"]),
            each(
                lambda row: (
                    f"{plain(row['segment_name'])}, {row['period']}: "
                    f"{percent(row['retention_rate'])} of "
                    f"{whole(row['previous_active_customers'])}"
                )
            ),
            SEQUENTIAL,
            1,
            text=each(lambda row: tight(row["retention_rate"])),
        ),
        findings.retention(rows),
        ["Segment", *periods],
        [
            (
                f"{id_} {name}",
                *(
                    percent(cells[id_, period]["retention_rate"])
                    if (id_, period) in cells
                    else NONE
                    for period in periods
                ),
            )
            for id_, name in report.palette.names.items()
        ],
    )
    return section


def value(report) -> Section:
    """Return what the segments are expected to be worth."""
    section = report.section(
        "value",
        "Customer lifetime value",
        "What the model expects a customer to spend over the next 365 days, discounted.",
    )
    if not report.tables.has("segment_kpis"):
        return lacking(section, "segment_kpis")
    rows = report.kpis("customers, discounted_value_365_days, mean_discounted_value_365_days")
    if not any(row["mean_discounted_value_365_days"] is not None for row in rows):
        return note(section, "No lifetime value was computed: see customer_lifetime_value.")
    report.add(
        section,
        "value",
        "Expected value per customer, 365 days",
        charts.bars(rows, "mean_discounted_value_365_days", report.palette, money, tickformat=",d"),
        findings.value(rows),
        ["Segment", "Customers", "Expected per customer", "Expected of all"],
        [
            (
                f"{row['segment_id']} {row['segment_name']}",
                whole(row["customers"]),
                money(row["mean_discounted_value_365_days"]),
                money(row["discounted_value_365_days"]),
            )
            for row in rows
        ],
    )
    return section
