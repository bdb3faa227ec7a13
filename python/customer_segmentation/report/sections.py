"""Put the sections of the report together, in the order in which they are read."""

from __future__ import annotations

from dataclasses import dataclass, field

from customer_segmentation.report import charts, findings
from customer_segmentation.report.markup import markdown, text
from customer_segmentation.report.style import DIVERGING, SEQUENTIAL, Palette, plain
from customer_segmentation.report.tables import Numbering
from customer_segmentation.report.wording import (
    NONE,
    counted,
    decimal,
    money,
    percent,
    spoken,
    tight,
    whole,
)

LEVELS = 24
PERIODS = 12


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


def headline(report) -> Section:
    """Return the headline figures."""
    profiles = report.profiles
    customers = sum(row["customers"] for row in profiles)
    revenue = sum(row["revenue"] or 0 for row in profiles)
    section = report.section("headline", "At a glance", findings.revenue(profiles))
    numbered = [row for row in profiles if row["segment_id"] != 0]
    tiles = [
        (whole(customers), "customers"),
        (whole(len(numbered)), "segments"),
        (money(revenue), "revenue, net of returns"),
        (money(revenue / customers) if customers else NONE, "revenue per customer"),
    ]
    if report.tables.has("segment_kpis"):
        overall = report.tables.rows(
            "select discounted_value_365_days, conversion_rate, repeat_rate from segment_kpis "
            "where scope = 'overall' and period = 'all'"
        )
        for row in overall:
            if row["repeat_rate"] is not None:
                tiles.append((percent(row["repeat_rate"]), "bought more than once"))
            if row["discounted_value_365_days"] is not None:
                expected = money(row["discounted_value_365_days"])
                tiles.append((expected, "expected over the next 365 days"))
            if row["conversion_rate"] is not None:
                tiles.append((percent(row["conversion_rate"], 1), "of campaign contacts answered"))
    section.parts.append(
        '<dl class="tiles">'
        + "".join(
            f"<div><dt>{text(name)}</dt><dd>{text(figure)}</dd></div>" for figure, name in tiles
        )
        + "</dl>"
    )
    return section


def profiles(report) -> Section:
    """Return one card per segment: its size, its habits and what to do."""
    section = report.section(
        "profiles",
        "The segments",
        "Who is in each segment, and what to do about it. Recency, orders and spend are medians.",
    )
    items = []
    for row in report.profiles:
        id_ = row["segment_id"]
        facts = (
            ("Customers", f"{whole(row['customers'])} ({percent(row['customer_share'], 1)})"),
            ("Revenue", f"{money(row['revenue'])} ({percent(row['revenue_share'], 1)})"),
            ("Last order", f"{whole(row['median_recency_days'])} days ago"),
            (
                "Orders, spend",
                f"{decimal(row['median_frequency'])}, {money(row['median_monetary'])}",
            ),
        )
        advice = [
            ("Goal", row.get("goal")),
            ("Do", row.get("action")),
            ("Mind", row.get("advice")),
            ("Channel", row.get("channel")),
            ("Measure", row.get("metric")),
        ]
        items.append(
            f'<article class="segment card" style="border-color:{report.palette.colour(id_)}">'
            f'<h3><span class="number">{id_}</span> {text(row["segment_name"])}</h3>'
            '<ul class="facts">'
            + "".join(f"<li>{text(name)} <b>{text(fact)}</b></li>" for name, fact in facts)
            + "</ul><dl>"
            + "".join(
                f"<div><dt>{name}</dt><dd>{text(said)}</dd></div>" for name, said in advice if said
            )
            + "</dl></article>"
        )
    section.parts.append(f'<div class="segments">{"".join(items)}</div>')
    columns = [
        "Segment",
        "Customers",
        "Share",
        "Revenue",
        "Revenue share",
        "Recency (days)",
        "Orders",
        "Spend",
    ]
    rows = [
        (
            f"{row['segment_id']} {row['segment_name']}",
            whole(row["customers"]),
            percent(row["customer_share"], 1),
            money(row["revenue"]),
            percent(row["revenue_share"], 1),
            whole(row["median_recency_days"]),
            decimal(row["median_frequency"]),
            money(row["median_monetary"]),
        )
        for row in report.profiles
    ]
    table = report.numbering.table(columns, rows, "Profiles of the segments")
    section.parts.append(f'<div class="card"><h3>Side by side</h3>{table}</div>')
    return section


def who_and_what(report) -> Section:
    """Return what the segments bring, who they are, and how they answer campaigns."""
    section = report.section(
        "who", "Who they are and what they bring", "Size against revenue, and who stands behind it."
    )
    report.add(
        section,
        "revenue",
        "Share of customers (hatched) and of revenue (solid)",
        charts.customers_and_revenue(report.profiles, report.palette),
        findings.revenue(report.profiles),
        ["Segment", "Customers", "Share of customers", "Revenue", "Share of revenue"],
        [
            (
                f"{row['segment_id']} {row['segment_name']}",
                whole(row["customers"]),
                percent(row["customer_share"], 1),
                money(row["revenue"]),
                percent(row["revenue_share"], 1),
            )
            for row in report.profiles
        ],
    )
    add_attributes(report, section)
    answers = report.kpis(
        "contacted, responded, conversion_rate, conversion_rate_lower, conversion_rate_upper"
    )
    if any(row["conversion_rate"] is not None for row in answers):
        report.add(
            section,
            "conversion",
            "Answers to campaigns, with 95 % confidence intervals",
            charts.bars(
                answers,
                "conversion_rate",
                report.palette,
                lambda value: percent(value, 1),
                error=("conversion_rate_lower", "conversion_rate_upper"),
                tickformat=".0%",
            ),
            findings.conversion(answers),
            ["Segment", "Contacted", "Answered", "Rate", "From", "To"],
            [
                (
                    f"{row['segment_id']} {row['segment_name']}",
                    whole(row["contacted"]),
                    whole(row["responded"]),
                    percent(row["conversion_rate"], 1),
                    percent(row["conversion_rate_lower"], 1),
                    percent(row["conversion_rate_upper"], 1),
                )
                for row in answers
            ],
        )
    else:
        note(section, "No campaigns are mapped: name them in segmentation_campaigns.")
    return section


def add_attributes(report, section):
    """Add the levels of the attributes that differ most between the segments."""
    if not report.tables.has("segment_attribute_profiles"):
        lacking(section, "segment_attribute_profiles")
        return
    found = report.tables.rows(
        "select segment_id, segment_name, attribute, statistic, attribute_level, level_position, "
        "share, base_share, is_significant from segment_attribute_profiles "
        "where statistic = 'share' order by attribute, level_position, attribute_level, segment_id"
    )
    if not found:
        note(section, "No attributes describe the customers: map segmentation_profile_attributes.")
        return
    levels = {}
    for row in found:
        levels.setdefault((row["attribute"], row["attribute_level"]), {})[row["segment_id"]] = row

    def spread(key):
        return max(
            abs((row["share"] or 0) - (row["base_share"] or 0)) for row in levels[key].values()
        )

    kept = set(sorted(levels, key=lambda key: (-spread(key), key))[:LEVELS])
    shown = {key: by_segment for key, by_segment in levels.items() if key in kept}
    ids = [id_ for id_ in report.palette.names if any(id_ in level for level in shown.values())]

    def each(words):
        return [
            [None if id_ not in level else words(level[id_]) for id_ in ids]
            for level in shown.values()
        ]

    differences = each(lambda row: (row["share"] or 0) - (row["base_share"] or 0))
    report.add(
        section,
        "attributes",
        "Attributes: share against all customers",
        charts.heat_map(
            [f"{spoken(attribute)}: {level}" for attribute, level in shown],
            [report.palette.short(id_) for id_ in ids],
            differences,
            each(
                lambda row: (
                    f"{plain(row['segment_name'])}<br>{plain(spoken(row['attribute']))} "
                    f"{plain(row['attribute_level'])}: {percent(row['share'])}, "
                    f"all customers {percent(row['base_share'])}"
                )
            ),
            DIVERGING,
            max(spread(key) for key in shown) or 1,
            text=each(lambda row: tight(row["share"])),
            height=150 + 24 * len(shown),
        ),
        findings.attributes(found),
        ["Attribute", "Level", "All", *(report.palette.short(id_) for id_ in ids)],
        [
            (
                spoken(attribute),
                level,
                percent(next(iter(cells.values()))["base_share"]),
                *(percent(cells[id_]["share"]) if id_ in cells else NONE for id_ in ids),
            )
            for (attribute, level), cells in shown.items()
        ],
    )
    if len(levels) > len(shown):
        note(section, f"Shown are the {LEVELS} of {len(levels)} levels that differ most.")


def rfm(report) -> Section:
    """Return the RFM heat map."""
    section = report.section(
        "rfm",
        "Recency and frequency",
        "Every customer has a score from 1 to 5 for how recently and how often he bought.",
    )
    if not report.tables.has("rfm_grid"):
        return lacking(section, "rfm_grid")
    cells = report.tables.rows("select * from rfm_grid order by recency_score, frequency_score")
    if not cells:
        return note(section, "There are no customers to score.")
    report.add(
        section,
        "rfm",
        "Customers by recency and frequency",
        charts.rfm_grid(cells),
        findings.rfm(cells),
        ["Recency score", "Frequency score", "Customers", "Revenue", "Most common RFM name"],
        [
            (
                row["recency_score"],
                row["frequency_score"],
                whole(row["customers"]),
                money(row["revenue"]),
                row["rfm_segment"] or NONE,
            )
            for row in cells
        ],
    )
    return section


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
