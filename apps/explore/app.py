"""Explore a published segmentation: `streamlit run apps/explore/app.py -- FILE`.

A page is rendered on one connection, opened read-only on the version that the link leads to at that
moment and closed at the end: the next click sees what was published since, and no version is mixed
with another.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from textwrap import wrap

import plotly.graph_objects as go
import published_file as file
import streamlit as st

DEFAULT = "published/segmentation.duckdb"
VIEWS = ["Overview", "Customers", "Compare two builds"]
NEWEST = "newest"
LABELS = {"favourite_channel": "Channel", "customer_channel": "Channel"}
# Filters that people look for first.
FIRST = ["country", "favourite_channel", "customer_channel"]
# Distinct without colour vision (Okabe and Ito, 2008).
CUSTOMERS_COLOUR, REVENUE_COLOUR = "#0072B2", "#E69F00"
MOST_FLOWS = 30
LONGEST_LINE = 28
# What Markdown, and Streamlit beyond it, take for more than text.
MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|$:~-]")
CHART = {"displayModeBar": False}


def path_of_file() -> Path:
    """Return the path from the command line, the environment, or the default, in this order."""
    named = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SEGMENTATION_PUBLISHED")
    return Path(named or DEFAULT)


def label(name: str) -> str:
    """Return the name of a column in words."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def plain(text: str) -> str:
    """Return text from the data for Markdown, which shall show it as it is."""
    return MARKDOWN.sub(r"\\\g<0>", text)


def note(text: str) -> None:
    """Show a remark in small letters; those of st.caption() are too pale for some to read."""
    st.markdown(f":small[{text}]")


def keep(key: str, options: list) -> None:
    """Forget what was chosen before if this version of the file does not offer it any more."""
    chosen = st.session_state.get(key)
    if isinstance(chosen, list):
        st.session_state[key] = [value for value in chosen if value in options]
    elif chosen is not None and chosen not in options:
        del st.session_state[key]


# ---------- choices


def build_labels(builds: list[dict]) -> dict[str, str]:
    """Return what to call each build, by the key it is chosen by, newest first."""
    ends = [build["as_of"] for build in builds]
    labels = {}
    for build in builds:
        moment, as_of = build["moment"], build["as_of"]
        kind = f"model {build['model_version']}" if moment else "newest"
        text = f"{as_of:%Y-%m-%d} · {kind}"
        if moment and ends.count(as_of) > 1:
            text += f" · run {moment:%Y-%m-%d %H:%M:%S}"
        labels[moment.isoformat() if moment else NEWEST] = text
    return labels


def choose_build(name: str, key: str, labels: dict[str, str], index: int, **options) -> str:
    """Let a build be chosen; return its key."""
    keep(key, list(labels))
    return st.selectbox(name, list(labels), index=index, format_func=labels.get, key=key, **options)


def moment_of(key: str) -> datetime | None:
    """Return the `run_at` of a build from its key; None for the newest."""
    return None if key == NEWEST else datetime.fromisoformat(key)


def choose_segments(connection, moment) -> list[int]:
    """Let segments be chosen; return their ids, none for all."""
    choices = file.rows(connection, "segment_choices", moment=moment)
    names = {choice["segment_id"]: choice["segment_name"] for choice in choices}
    keep("segments", list(names))
    return st.multiselect(
        "Segments",
        list(names),
        format_func=lambda id_: f"{id_} · {names[id_]}",
        placeholder="All segments",
        key="segments",
    )


def choose_levels(connection) -> dict[str, list[str]]:
    """Let levels of each attribute be chosen; return them by attribute, none for all."""
    levels = {}
    for row in file.rows(connection, "level_choices", most_levels=file.MOST_LEVELS):
        levels.setdefault(row["attribute"], []).append(row["level"])
    chosen = {}
    for name in sorted(levels, key=lambda name: (name not in FIRST, name)):
        keep(f"level_{name}", levels[name])
        chosen[name] = st.multiselect(
            plain(label(name)), levels[name], placeholder="All", key=f"level_{name}"
        )
    if not levels:
        note("The file has no country, channel or other attribute to filter by.")
    return chosen


# ---------- views


def percent(share: float) -> str:
    """Return a share from 0 to 1 in words; of a total of nothing there is none."""
    return "no share" if share != share else f"{share:.1%}"


def ink() -> str:
    """Return the colour of text in the theme of the viewer; the charts' own is too pale to read."""
    return "#fafafa" if st.context.theme.type == "dark" else "#31333f"


def bars(overview) -> go.Figure:
    """Draw the shares of customers and revenue of each segment, in the order of the table."""
    rows = overview.iloc[::-1]
    names = [
        "<br>".join(wrap(f"{escape(name)} ({id_})", LONGEST_LINE))
        for name, id_ in zip(rows["segment_name"], rows["segment_id"], strict=True)
    ]
    figure = go.Figure(
        [
            go.Bar(
                y=names,
                x=rows[column],
                name=name,
                orientation="h",
                marker_color=colour,
                hovertemplate="%{y}: %{x:.1%}",
            )
            for name, column, colour in (
                ("Share of revenue", "revenue_share", REVENUE_COLOUR),
                ("Share of customers", "customer_share", CUSTOMERS_COLOUR),
            )
        ]
    )
    figure.update_layout(
        height=90 + 46 * len(rows),
        margin={"l": 0, "r": 10, "t": 30, "b": 0},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "traceorder": "reversed"},
        xaxis={"tickformat": ".0%", "fixedrange": True, "tickfont": {"color": ink()}},
        yaxis={"automargin": True, "fixedrange": True, "tickfont": {"color": ink()}},
        bargap=0.25,
    )
    return figure


def show_overview(connection) -> None:
    """Show the chosen segments side by side."""
    overview = file.frame(connection, "overview")
    first = overview.iloc[0]
    st.markdown(
        f"**{plain(first['segment_name'])}** brings the most: "
        f"{percent(first['revenue_share'])} of the revenue below, with "
        f"{percent(first['customer_share'])} of the customers."
    )
    st.plotly_chart(bars(overview), config=CHART, key="bars")
    note("The chart shows the two columns of shares in this table.")
    st.dataframe(
        overview,
        hide_index=True,
        key="overview",
        column_config={
            "segment_id": st.column_config.NumberColumn("Id", width="small"),
            "segment_name": st.column_config.TextColumn("Segment", width="medium"),
            "customers": st.column_config.NumberColumn("Customers", format="localized"),
            "customer_share": st.column_config.NumberColumn("Share", format="percent"),
            "revenue": st.column_config.NumberColumn("Revenue", format="accounting"),
            "revenue_share": st.column_config.NumberColumn("Of revenue", format="percent"),
            "revenue_per_customer": st.column_config.NumberColumn(
                "Per customer", format="accounting"
            ),
            "median_recency_days": st.column_config.NumberColumn("Median recency (days)"),
            "median_frequency": st.column_config.NumberColumn("Median orders"),
            "action": st.column_config.TextColumn("What to do", width="large"),
        },
    )


def show_customers(connection, target, moment, segments, filters, build) -> None:
    """Show the chosen customers page by page, one of them in full, and the list to download."""
    columns = file.columns_of_chosen(connection)
    search = st.text_input("Find a customer by id", key="search").strip()
    found = file.rows(connection, "found", search=search)[0]["customers"]
    if not found:
        st.info("No customer with this id is among the chosen ones.")
        return

    by, direction, per_page, page = st.columns([3, 2, 2, 2])
    keep("sort", columns)
    sort = by.selectbox(
        "Sort by", columns, index=columns.index("monetary"), format_func=label, key="sort"
    )
    order = direction.selectbox("Order", ["Highest first", "Lowest first"], key="order")
    size = per_page.selectbox("Rows a page", [25, 50, 100, 500], key="size")
    pages = -(-found // size)
    if st.session_state.get("page", 1) > pages:
        st.session_state["page"] = pages
    number = page.number_input(f"Page of {pages:,}", 1, pages, key="page")

    st.dataframe(
        file.customers_page(connection, search, sort, order == "Highest first", number, size),
        hide_index=True,
        key="customers",
        column_config={
            "segment_name": st.column_config.TextColumn("Segment", width="medium"),
            "monetary": st.column_config.NumberColumn("Monetary", format="accounting"),
            **{name: label(name) for name in columns if name not in ("segment_name", "monetary")},
        },
    )
    if moment:
        note(
            "Of an earlier build only the segment and the spend are kept: the spend as of the last "
            "build that found the customer in this stay, all other columns as of the newest build."
        )

    list_ = partial(file.campaign_csv, target, moment, segments, filters, search, build["as_of"])
    st.download_button(
        f"Download these {found:,} customers as CSV",
        list_,
        file_name=f"campaign-{build['as_of']:%Y%m%d}.csv",
        mime="text/csv",
        type="primary",
        key="download",
    )
    note(
        "All pages, with action, offer, message and channel of the segment. Text that a "
        "spreadsheet would run as a formula (it begins with =, +, - or @) gets an apostrophe in "
        "front, ids too."
    )

    if found == 1:
        show_stays(connection, search)


def show_stays(connection, search) -> None:
    """Show where the one customer that was found has been."""
    (customer,) = file.customers_page(connection, search, "customer_id", False, 1, 1)["customer_id"]
    stays = file.frame(connection, "stays", customer_id=customer)
    st.subheader(f"Where {customer} has been")
    if stays.empty:
        st.info("The file holds no history: publish the table segments_snapshot.")
        return
    st.dataframe(
        stays,
        hide_index=True,
        key="stays",
        column_config={
            "segment_name": st.column_config.TextColumn("Segment", width="medium"),
            "since": st.column_config.DateColumn("Since the build of"),
            "left_at": st.column_config.DateColumn("Until the build of"),
            "monetary": st.column_config.NumberColumn("Spend by then", format="accounting"),
        },
    )


def flows(moves) -> go.Figure:
    """Draw the largest moves; every segment has an end on either side."""
    nodes = {}
    ends = [
        [
            # two segments of one name are two nodes
            nodes.setdefault((way, str(id_)), (len(nodes), f"{way} {escape(name)}"))[0]
            for id_, name in zip(
                moves[f"{way}_segment_id"], moves[f"{way}_segment_name"], strict=True
            )
        ]
        for way in ("from", "to")
    ]
    figure = go.Figure(
        go.Sankey(
            textfont={"color": ink(), "size": 13, "shadow": "none"},
            node={
                "label": [text for _, text in nodes.values()],
                "color": CUSTOMERS_COLOUR,
                "pad": 14,
                "thickness": 14,
            },
            link={
                "source": ends[0],
                "target": ends[1],
                "value": moves["customers"].tolist(),
                "color": "rgba(0, 114, 178, 0.25)",
            },
        )
    )
    figure.update_layout(height=480, margin={"l": 0, "r": 0, "t": 10, "b": 10})
    return figure


def in_words(change) -> str:
    """Return the sentence about the largest change."""
    came, went = plain(change["from_segment_name"]), plain(change["to_segment_name"])
    way = {
        "new": f"are new, in **{went}**",
        "gone": f"are gone, from **{came}**",
        "moved": f"moved from **{came}** to **{went}**",
    }[change["movement"]]
    return (
        f"The largest change: {change['customers']:,} customers {way}. "
        f"They have spent {change['revenue']:,.0f}."
    )


def show_comparison(connection, labels, segments, filters) -> None:
    """Show who went from where to where between two builds."""
    if len(labels) < 2:
        st.info("The file knows one build. After the next one there is something to compare.")
        return
    left, right = st.columns(2)
    with left:
        earlier = choose_build("From the build of", "from_build", labels, 1)
    with right:
        later = choose_build("To the build of", "to_build", labels, 0)
    moves = file.frame(
        connection,
        "moves",
        from_moment=moment_of(earlier),
        to_moment=moment_of(later),
        segments=segments,
        filters=file.as_pairs(filters),
    )
    if moves.empty:
        st.info("No customer matches these filters.")
        return

    counts = moves.groupby("movement")["customers"].sum()
    for column, movement in zip(st.columns(4), ("stayed", "moved", "new", "gone"), strict=True):
        column.metric(movement.capitalize(), f"{counts.get(movement, 0):,}")

    changes = moves[moves["movement"] != "stayed"]
    if changes.empty:
        st.markdown("Nobody changed the segment between these two builds.")
    else:
        st.markdown(in_words(changes.iloc[0]))
        st.plotly_chart(flows(changes.head(MOST_FLOWS)), config=CHART, key="flows")
        note(
            f"The chart shows the {min(MOST_FLOWS, len(changes))} largest changes of this table, "
            "without those who stayed."
        )
    st.dataframe(
        moves,
        hide_index=True,
        key="moves",
        column_order=[
            "movement",
            "from_segment_name",
            "to_segment_name",
            "customers",
            "from_share",
            "revenue",
        ],
        column_config={
            "movement": "Movement",
            "from_segment_name": st.column_config.TextColumn("From", width="medium"),
            "to_segment_name": st.column_config.TextColumn("To", width="medium"),
            "customers": st.column_config.NumberColumn("Customers", format="localized"),
            "from_share": st.column_config.NumberColumn("Of the segment", format="percent"),
            "revenue": st.column_config.NumberColumn("Revenue", format="accounting"),
        },
    )
    note(
        "Revenue is what these customers had spent, by the newest build if it is one of the two, "
        "otherwise by the last build that found them in the later segment. Filters by segment keep "
        "moves that begin or end there; attributes are those of the newest build."
    )


# ---------- page


def show_footer(connection, target) -> None:
    """Say which version the page was made of."""
    publications = file.rows(connection, "publication")
    if publications:
        it = publications[0]
        text = (
            f"Version {plain(it['version'])} · published {it['published_at']:%Y-%m-%d %H:%M} UTC · "
            f"as of {it['as_of']:%Y-%m-%d} · model {it['model_version']}"
        )
    else:
        text = "The file does not say its version"
    st.divider()
    note(f"{text} · {plain(target.name)}")


def show(connection, target) -> None:
    """Show the page: what is chosen in the sidebar, and one of the views of it."""
    builds = file.rows(connection, "builds")
    if not builds[0]["customers"]:
        st.info("No customer has a segment yet: the table `segments` is empty.")
        return
    labels = build_labels(builds)
    with st.sidebar:
        st.header("Filters")
        key = choose_build(
            "Build",
            "build",
            labels,
            0,
            help="Customers as they stood then: the end of observation of the build.",
        )
        moment = moment_of(key)
        segments = choose_segments(connection, moment)
        filters = choose_levels(connection)
        if moment:
            note("Attributes are those of the newest build; who is gone since has none.")

    view = st.radio("View", VIEWS, horizontal=True, label_visibility="collapsed", key="view")
    if view == VIEWS[2]:
        show_comparison(connection, labels, segments, filters)
        return
    file.choose(connection, moment, segments, filters)
    (totals,) = file.rows(connection, "totals", moment=moment)
    if not totals["customers"]:
        st.info("No customer matches these filters.")
        return
    share = totals["customers"] / totals["customers_of_all"]
    customers, revenue, each = st.columns(3)
    customers.metric(
        "Customers", f"{totals['customers']:,}", f"{share:.1%} of all", "off", delta_arrow="off"
    )
    revenue.metric("Revenue", f"{totals['revenue']:,.0f}")
    each.metric("Revenue per customer", f"{totals['revenue'] / totals['customers']:,.2f}")
    if view == VIEWS[0]:
        show_overview(connection)
    else:
        build = builds[list(labels).index(key)]
        show_customers(connection, target, moment, segments, filters, build)


def main() -> None:
    """Render the page once."""
    st.set_page_config(page_title="Customer segments", layout="wide")
    st.title("Customer segments")
    try:
        target = file.target_of(path_of_file())
        with file.opened(target) as connection:
            show(connection, target)
            show_footer(connection, target)
    except file.UnreadableError as reason:
        st.error(str(reason))


main()
