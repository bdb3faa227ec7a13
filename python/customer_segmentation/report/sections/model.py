"""Sections on how the segments came about, and how far they can be trusted."""

from __future__ import annotations

from customer_segmentation.report import charts, findings
from customer_segmentation.report.markup import markdown, text
from customer_segmentation.report.sections.section import Section, lacking, note
from customer_segmentation.report.style import DIVERGING, plain
from customer_segmentation.report.wording import (
    NONE,
    counted,
    decimal,
    money,
    spoken,
    whole,
)


def selection(report) -> Section:
    """Return the metrics over k with the choice and its reason."""
    section = report.section(
        "selection", "How many segments", "Each number of segments was tried and measured."
    )
    if not report.tables.has("segment_candidates"):
        return lacking(section, "segment_candidates")
    rows = report.tables.rows(
        "select * from segment_candidates where model_version = "
        "coalesce((select max(model_version) from segment_profiles), "
        "(select max(model_version) from segment_candidates)) order by algorithm, k"
    )
    chosen = [row for row in rows if row["is_chosen"]]
    for row in chosen:
        section.parts.append(f'<p class="reason">{text(row["reason"])}</p>')
    measured = [row for row in rows if row["k"] is not None]
    columns = ["Algorithm", "k", "Value", "Why, or why not"]
    for metric, (title, better, _) in findings.METRICS.items():
        told = [row for row in measured if row[metric] is not None]
        if not told:
            continue
        report.add(
            section,
            metric.replace("_", "-"),
            title,
            charts.candidates(told, metric, better),
            findings.candidate(told, metric),
            columns,
            [(row["algorithm"], row["k"], f"{row[metric]:,.4g}", row["reason"]) for row in told],
        )
    if not section.charts:
        note(section, "No metric was computed for this model.")
    return section


def flat_map(report) -> Section:
    """Return the map of the customers."""
    section = report.section(
        "map",
        "Map of the customers",
        "Dots that lie near each other are customers alike in what the model looks at; the "
        "numbers are the centres of the segments.",
    )
    if not report.tables.has("segment_map"):
        return lacking(section, "segment_map")
    points = report.tables.rows("select * from segment_map order by point_id")
    if not points:
        return note(section, "There are no customers to draw.")
    centres = {row["segment_id"]: row for row in points if row["kind"] == "centre"}
    drawn = dict.fromkeys(report.palette.names, 0)
    for row in points:
        if row["kind"] == "customer":
            drawn[row["segment_id"]] = drawn.get(row["segment_id"], 0) + 1
    report.add(
        section,
        "map",
        f"{counted(sum(drawn.values()), 'customer')}, drawn by lot",
        charts.segment_map(points, report.palette),
        findings.segment_map(points),
        ["Segment", "Customers drawn", "Centre, 1st component", "Centre, 2nd component"],
        [
            (
                f"{id_} {name}",
                whole(drawn[id_]),
                decimal(centres[id_]["x"], 2) if id_ in centres else NONE,
                decimal(centres[id_]["y"], 2) if id_ in centres else NONE,
            )
            for id_, name in report.palette.names.items()
        ],
    )
    return section


def drivers(report) -> Section:
    """Return what sets the segments apart."""
    section = report.section(
        "drivers",
        "What drives the segments",
        "How far the mean of each feature lies from that of all customers, in standard "
        "deviations: blue above, orange below.",
    )
    if not report.tables.has("segment_drivers"):
        return lacking(section, "segment_drivers")
    rows = report.tables.rows("select * from segment_drivers order by segment_id, rank, input")
    if not rows:
        return note(section, "There is no model whose features could be compared.")
    inputs = sorted({row["input"] for row in rows})
    ids = [id_ for id_ in report.palette.names if any(row["segment_id"] == id_ for row in rows)]
    by_cell = {(row["input"], row["segment_id"]): row for row in rows}

    def each(words):
        return [
            [None if (name, id_) not in by_cell else words(by_cell[name, id_]) for id_ in ids]
            for name in inputs
        ]

    report.add(
        section,
        "drivers",
        "Drivers by segment",
        charts.heat_map(
            [spoken(name) for name in inputs],
            [report.palette.short(id_) for id_ in ids],
            each(lambda row: row["standardised_difference"]),
            each(
                lambda row: (
                    f"{plain(row['segment_name'])}<br>{plain(spoken(row['input']))}: "
                    f"{decimal(row['mean'], 2)}, all customers {decimal(row['mean_of_all'], 2)}"
                )
            ),
            DIVERGING,
            2.5,
            text=each(lambda row: decimal(row["standardised_difference"])),
            height=150 + 30 * len(inputs),
        ),
        findings.drivers(rows),
        ["Segment", "Feature", "Mean", "Mean of all", "Standard deviations from all"],
        [
            (
                f"{row['segment_id']} {row['segment_name']}",
                spoken(row["input"]),
                decimal(row["mean"], 2),
                decimal(row["mean_of_all"], 2),
                decimal(row["standardised_difference"], 2),
            )
            for row in rows
        ],
    )
    return section


def quality(report) -> Section:
    """Return what was set aside, and what has drifted."""
    section = report.section(
        "quality", "Data quality and drift", "What the figures rest on, and whether it still holds."
    )
    if report.tables.has("transaction_audit"):
        audit = report.tables.rows("select * from transaction_audit order by position, check_name")
        reasons = [row for row in audit if row["position"] < 100 and row["rows_failed"]]
        checked = max((row["rows_checked"] for row in audit if row["position"] < 100), default=0)
        worries = [row for row in audit if row["status"] != "pass"]
        for row in worries:
            note(section, f"{row['status']}: {row['message']}")
        if reasons:
            report.add(
                section,
                "set-aside",
                "Lines set aside, by reason",
                charts.set_aside(reasons),
                findings.set_aside(reasons, checked),
                ["Reason", "Lines", "Amount", "Message"],
                [
                    (
                        spoken(row["check_name"]),
                        whole(row["rows_failed"]),
                        money(row["amount_failed"]),
                        row["message"],
                    )
                    for row in reasons
                ],
            )
        else:
            note(section, findings.set_aside(reasons, checked))
    else:
        lacking(section, "transaction_audit")
    if not report.tables.has("feature_drift"):
        return lacking(section, "feature_drift")
    rows = report.tables.rows("select * from feature_drift order by feature")
    if not rows:
        return note(section, "There is no training to compare the features with.")
    report.add(
        section,
        "drift",
        "Drift of the features since training",
        charts.drift(rows),
        findings.drift(rows),
        ["Feature", "Index", "Status", "Message"],
        [
            (spoken(row["feature"]), decimal(row["psi"], 2), row["status"], row["message"])
            for row in rows
        ],
    )
    return section


def card(report) -> Section:
    """Return the segmentation card, folded up."""
    section = report.section(
        "card",
        "Segmentation card",
        "How the segments came about, for whoever checks or repeats it.",
    )
    if not report.tables.has("segmentation_card"):
        return lacking(section, "segmentation_card")
    rows = report.tables.rows("select markdown from segmentation_card order by position")
    content = "".join(markdown(row["markdown"] or "") for row in rows)
    section.parts.append(
        f'<details class="card" id="whole-card"><summary>Read the card</summary>{content}</details>'
    )
    return section
