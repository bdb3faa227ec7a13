"""Draw the charts: rows in, Plotly's plain data out."""

from __future__ import annotations

from customer_segmentation.report.style import (
    ACCENT,
    DIVERGING,
    GRID,
    INK,
    MUTED,
    PAPER,
    SEQUENTIAL,
    UNASSIGNED,
    WARM,
    axis,
    figure,
    plain,
)
from customer_segmentation.report.wording import decimal, money, percent, short_name, spoken, whole

ROW = 34


def customers_and_revenue(profiles, palette) -> dict:
    """Bars of each segment's share of the customers and of the revenue."""
    labels = [plain(palette.short(row["segment_id"])) for row in profiles]

    def bars(column, name, pattern):
        return {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": labels,
            "x": [row[column] for row in profiles],
            "marker": {
                "color": [palette.colour(row["segment_id"]) for row in profiles],
                "pattern": {"shape": pattern, "fgcolor": PAPER, "size": 6, "solidity": 0.35},
            },
            "text": [percent(row[column], 1) for row in profiles],
            "textposition": "outside",
            "cliponaxis": False,
            "textfont": {"color": INK, "size": 11},
            "hovertext": [
                f"{plain(row['segment_name'])}<br>{name}: {percent(row[column], 1)}"
                for row in profiles
            ],
            "hoverinfo": "text",
        }

    highest = max(
        (row[column] or 0 for row in profiles for column in ("customer_share", "revenue_share")),
        default=1,
    )
    return figure(
        [
            bars("customer_share", "share of customers", "/"),
            bars("revenue_share", "share of revenue", ""),
        ],
        60 + 46 * len(profiles),
        barmode="group",
        bargap=0.3,
        margin={"l": 8, "r": 44, "t": 8, "b": 8},
        xaxis=axis(tickformat=".0%", range=[min(0, *lowest(profiles)), highest * 1.1]),
        yaxis=axis(autorange="reversed", type="category", gridcolor="rgba(0,0,0,0)"),
    )


def lowest(profiles):
    """Return the revenue shares, for an axis that holds negative ones."""
    return [row["revenue_share"] or 0 for row in profiles] or [0]


def bars(profiles, column, palette, words, error=None, tickformat=None) -> dict:
    """Bars of one figure per segment, with its confidence interval if there is one."""
    labels = [plain(palette.short(row["segment_id"])) for row in profiles]
    values = [None if row[column] is None else float(row[column]) for row in profiles]
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": values,
        "marker": {"color": [palette.colour(row["segment_id"]) for row in profiles]},
        "hovertext": [f"{plain(row['segment_name'])}: {words(row[column])}" for row in profiles],
        "hoverinfo": "text",
    }
    if error:
        low, high = error
        bar["error_x"] = {
            "type": "data",
            "symmetric": False,
            "array": [(row[high] or 0) - (row[column] or 0) for row in profiles],
            "arrayminus": [(row[column] or 0) - (row[low] or 0) for row in profiles],
            "color": INK,
            "thickness": 1.5,
        }
    else:
        bar |= {
            "text": [words(row[column]) for row in profiles],
            "textposition": "outside",
            "cliponaxis": False,
            "textfont": {"color": INK, "size": 11},
        }
    top = max([value or 0 for value in values] or [1])
    bottom = min([value or 0 for value in values] or [0])
    ends = {} if error else {"range": [min(0, bottom * 1.15), (top or 1) * 1.12]}
    return figure(
        [bar],
        50 + ROW * len(profiles),
        margin={"l": 8, "r": 40, "t": 8, "b": 8},
        xaxis=axis(tickformat=tickformat, nticks=6, **ends),
        yaxis=axis(autorange="reversed", type="category", gridcolor="rgba(0,0,0,0)"),
    )


def heat_map(rows, columns, values, hover, colours, limit, text=None, height=None) -> dict:
    """Coloured cells, rows from the top; colours run from -limit, or 0, to limit.

    Parameters
    ----------
    rows, columns : list of str. Labels.
    values : list of list of float or None.
    hover, text : list of list of str.
    colours : SEQUENTIAL or DIVERGING.
    limit : float.
    """
    heat = {
        "type": "heatmap",
        "x": [plain(column) for column in columns],
        "y": [plain(row) for row in rows],
        "z": values,
        "hovertext": hover,
        "hoverinfo": "text",
        "colorscale": colours,
        "zmin": -limit if colours is DIVERGING else 0,
        "zmax": limit or 1,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
    }
    if text:
        heat |= {"text": text, "texttemplate": "%{text}", "textfont": {"size": 11}}
    return figure(
        [heat],
        height or 90 + 30 * len(rows),
        narrow={
            "data": [{"text": [], "texttemplate": ""}],
            "layout": {"font": {"size": 10}, "xaxis": {"tickangle": -90}},
        },
        xaxis=axis(type="category", side="top", tickangle=-40, showgrid=False, showline=False),
        yaxis=axis(type="category", autorange="reversed", showgrid=False, showline=False),
    )


def rfm_grid(cells) -> dict:
    """Heat map of the customers by recency score and frequency score."""
    grid = {(row["recency_score"], row["frequency_score"]): row for row in cells}
    scores = range(1, 6)

    def each(words):
        return [[words(grid[recency, frequency]) for frequency in scores] for recency in scores]

    def named(row):
        name = plain(row["rfm_segment"] or "").replace(" ", "<br>", 1)
        return f"{name}<br>{whole(row['customers'])}" if row["customers"] else "0"

    hover = each(
        lambda row: (
            f"recency {row['recency_score']}, frequency {row['frequency_score']}: "
            f"{whole(row['customers'])} customers, revenue {money(row['revenue'])}"
            f"<br>most often {plain(row['rfm_segment'] or 'nobody')}"
        )
    )
    values = each(lambda row: row["customers"])
    return figure(
        [
            {
                "type": "heatmap",
                "x": list(scores),
                "y": list(scores),
                "z": values,
                "text": each(named),
                "texttemplate": "%{text}",
                "textfont": {"size": 12},
                "hovertext": hover,
                "hoverinfo": "text",
                "colorscale": SEQUENTIAL,
                "zmin": 0,
                "xgap": 3,
                "ygap": 3,
                "showscale": False,
            }
        ],
        460,
        narrow={
            "data": [{"textfont": {"size": 9}}],
            "layout": {"font": {"size": 11}},
        },
        xaxis=axis(title={"text": "frequency score (5: most orders)"}, dtick=1, showgrid=False),
        yaxis=axis(title={"text": "recency score (5: most recent)"}, dtick=1, showgrid=False),
    )


def candidates(rows, metric, better) -> dict:
    """One line per algorithm over k, the choice ringed and, for the inertia, the elbow marked."""
    data = []
    for place, algorithm in enumerate(sorted({row["algorithm"] for row in rows})):
        line = [row for row in rows if row["algorithm"] == algorithm and row[metric] is not None]
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": plain(algorithm),
                "x": [row["k"] for row in line],
                "y": [row[metric] for row in line],
                "line": {"color": MUTED, "dash": ("solid", "dash", "dot", "dashdot")[place % 4]},
                "marker": {"size": 7, "color": MUTED},
                "hovertemplate": "k = %{x}: %{y:.4g}<extra></extra>",
            }
        )
    marks = [("is_chosen", "chosen", "circle", ACCENT)]
    if metric == "inertia":
        marks.append(("is_elbow", "elbow", "diamond-open", WARM))
    for flag, name, sign, colour in marks:
        marked = [row for row in rows if row[flag] and row[metric] is not None]
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [row["k"] for row in marked],
                "y": [row[metric] for row in marked],
                "text": [f"{name}: {row['k']}" for row in marked],
                "textposition": "top center",
                "cliponaxis": False,
                "marker": {
                    "size": 15,
                    "symbol": sign,
                    "color": colour,
                    "line": {"width": 2, "color": colour},
                },
                "textfont": {"color": INK},
                "hoverinfo": "skip",
            }
        )
    values = [row[metric] for row in rows if row[metric] is not None]
    room = (max(values) - min(values)) * 0.18 or abs(max(values)) * 0.1 or 1
    ks = [row["k"] for row in rows if row[metric] is not None]
    return figure(
        data,
        260,
        margin={"l": 8, "r": 20, "t": 14, "b": 8},
        xaxis=axis(
            title={"text": "k, number of segments"},
            tickformat="d",
            dtick=max(1, (max(ks) - min(ks)) // 12 or 1),
            range=[min(ks) - 0.6, max(ks) + 0.6],
        ),
        yaxis=axis(
            title={"text": better}, range=[min(values) - room, max(values) + 1.4 * room], nticks=5
        ),
    )


def segment_map(points, palette) -> dict:
    """Scatter of the customers drawn, with the number of each segment at its centre."""
    data = []
    for id_ in palette.names:
        dots = [row for row in points if row["segment_id"] == id_ and row["kind"] == "customer"]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": plain(palette.short(id_)),
                "x": [round(row["x"], 2) for row in dots],
                "y": [round(row["y"], 2) for row in dots],
                "marker": {
                    "size": 6,
                    "opacity": 0.6,
                    "color": palette.colour(id_),
                    "symbol": palette.sign(id_),
                },
                "hoverinfo": "name",
            }
        )
    centres = [row for row in points if row["kind"] == "centre"]
    data.append(
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [row["x"] for row in centres],
            "y": [row["y"] for row in centres],
            "text": [f"<b>{row['segment_id']}</b>" for row in centres],
            "textfont": {"color": INK, "size": 14},
            "marker": {
                "size": 25,
                "color": PAPER,
                "line": {
                    "color": [palette.colour(row["segment_id"]) for row in centres],
                    "width": 3,
                },
            },
            "hovertext": [f"centre of {plain(row['segment_name'])}" for row in centres],
            "hoverinfo": "text",
            "showlegend": False,
        }
    )
    first = points[0]
    legend_rows = -(-len(palette.names) // 4)
    phone_rows = -(-len(palette.names) // 2)
    return figure(
        data,
        480 + 24 * legend_rows,
        narrow={"layout": {"height": 380 + 24 * phone_rows, "font": {"size": 11}}},
        showlegend=True,
        legend={
            "orientation": "h",
            "y": -0.14,
            "yanchor": "top",
            "x": 0,
            "itemclick": False,
            "itemdoubleclick": False,
        },
        xaxis=axis(
            title={"text": f"1st component ({percent(first['x_variance_share'])} of variance)"}
        ),
        yaxis=axis(title={"text": f"2nd component ({percent(first['y_variance_share'])})"}),
    )


def migrations(rows, palette, before, after) -> dict:
    """Sankey of the customers from their segments in one build to those in the next."""
    nodes, index = [], {}
    for side, id_column, name_column, date in (
        (0, "from_segment_id", "from_segment_name", before),
        (1, "to_segment_id", "to_segment_name", after),
    ):
        found = {(row[id_column], row[name_column]) for row in rows}
        for id_, name in sorted(found, key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1])):
            index[side, id_, name] = len(nodes)
            short = str(name).strip("()") if id_ is None else short_name(name, id_)
            nodes.append((side, id_, f"{short}, {date}", "old" if side == 0 else "now"))
    return figure(
        [
            {
                "type": "sankey",
                "arrangement": "fixed",
                "node": {
                    "label": [plain(label) for _, _, label, _ in nodes],
                    "color": [palette.colour(id_) for _, id_, _, _ in nodes],
                    "line": {"width": 0},
                    "pad": 14,
                    "thickness": 14,
                },
                "textfont": {"color": INK, "size": 12, "shadow": "none"},
                "link": {
                    "source": [
                        index[0, row["from_segment_id"], row["from_segment_name"]] for row in rows
                    ],
                    "target": [
                        index[1, row["to_segment_id"], row["to_segment_name"]] for row in rows
                    ],
                    "value": [row["customers"] for row in rows],
                    "color": [faded(palette.colour(row["from_segment_id"])) for row in rows],
                },
                "valueformat": ",d",
            }
        ],
        max(360, 30 * len(nodes)),
        narrow={
            "data": [
                {
                    "textfont": {"size": 10},
                    "node": {
                        "label": [
                            f"{plain(label.split(',')[0]) if id_ is None else id_} ({when})"
                            for _, id_, label, when in nodes
                        ]
                    },
                }
            ]
        },
    )


def faded(colour) -> str:
    """Return a colour that lets what lies below through."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.4)"


def set_aside(rows) -> dict:
    """Bars of the lines that were set aside, by reason."""
    labels = [plain(spoken(row["check_name"])) for row in rows]
    top = max((row["rows_failed"] for row in rows), default=1)
    return figure(
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": labels,
                "x": [row["rows_failed"] for row in rows],
                "marker": {"color": ACCENT},
                "text": [whole(row["rows_failed"]) for row in rows],
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"color": INK, "size": 11},
                "hoverinfo": "none",
            }
        ],
        50 + 26 * len(rows),
        margin={"l": 8, "r": 40, "t": 8, "b": 8},
        xaxis=axis(nticks=6, tickformat=",d", range=[0, top * 1.1]),
        yaxis=axis(autorange="reversed", type="category", gridcolor="rgba(0,0,0,0)"),
    )


STATUS = {"pass": (UNASSIGNED, ""), "warn": ("#E69F00", "/"), "fail": (WARM, "x")}


def drift(rows) -> dict:
    """Bars of the population stability index of each feature, coloured and hatched by status."""
    marks = [STATUS.get(row["status"], STATUS["warn"]) for row in rows]
    top = max([float(row["psi"] or 0) for row in rows] + [0.3])
    lines = [
        {
            "type": "line",
            "x0": value,
            "x1": value,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": MUTED, "dash": "dot", "width": 1},
        }
        for value in (0.1, 0.25)
    ]
    return figure(
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": [plain(spoken(row["feature"])) for row in rows],
                "x": [row["psi"] for row in rows],
                "marker": {
                    "color": [colour for colour, _ in marks],
                    "pattern": {"shape": [shape for _, shape in marks], "fgcolor": GRID},
                },
                "text": [f"{decimal(row['psi'], 2)} {row['status']}" for row in rows],
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"color": INK, "size": 11},
                "hoverinfo": "none",
            }
        ],
        60 + 30 * len(rows),
        shapes=lines,
        margin={"l": 8, "r": 60, "t": 8, "b": 8},
        xaxis=axis(title={"text": "population stability index"}, range=[0, top * 1.1]),
        yaxis=axis(autorange="reversed", type="category", gridcolor="rgba(0,0,0,0)"),
    )
