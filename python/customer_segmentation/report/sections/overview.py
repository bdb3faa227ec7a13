"""Sections on the segments: how many, who is in each, and what to do about it."""

from __future__ import annotations

from customer_segmentation.report import charts, findings
from customer_segmentation.report.markup import text
from customer_segmentation.report.sections.section import Section, lacking, note
from customer_segmentation.report.style import DIVERGING, plain
from customer_segmentation.report.wording import (
    NONE,
    decimal,
    money,
    percent,
    spoken,
    tight,
    whole,
)

LEVELS = 24


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
