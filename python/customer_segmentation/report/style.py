"""The colours and signs of segments, and what charts have in common."""

from __future__ import annotations

import copy

import plotly.graph_objects as go

from customer_segmentation.report.wording import short_name

# Okabe & Ito (2008), told apart with any colour vision; its yellow and black, which a white or a
# black page swallows, are an ochre and a violet. A sign goes with each colour.
COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
    "#9A7D0A",
    "#7B61B8",
)
SIGNS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "x",
    "star",
    "triangle-down",
    "pentagon",
    "hexagon",
    "hourglass",
)
UNASSIGNED = "#8A8A8A"
ACCENT = COLOURS[0]
WARM = COLOURS[3]

# Colours that depend on light or dark: the page puts them in when it draws. Plotly checks colours,
# so they are colours that nothing else has.
INK = "rgb(1,2,1)"
MUTED = "rgb(1,2,2)"
GRID = "rgb(1,2,3)"
PAPER = "rgb(1,2,4)"
MIDDLE = "rgb(1,2,5)"

SEQUENTIAL = [[0, MIDDLE], [1, ACCENT]]
DIVERGING = [[0, WARM], [0.5, MIDDLE], [1, ACCENT]]


class Palette:
    """One colour, sign and short name per segment, in the order of the ids in every chart.

    Parameters
    ----------
    names : dict of segment id to segment name.
    """

    def __init__(self, names):
        self.names = dict(sorted(names.items()))
        numbered = [id_ for id_ in self.names if id_ != 0]
        self.places = {id_: place for place, id_ in enumerate(numbered)}

    def colour(self, segment_id) -> str:
        """Return the colour of a segment; grey for segment 0 and for what is none."""
        place = self.places.get(segment_id)
        return UNASSIGNED if place is None else COLOURS[place % len(COLOURS)]

    def sign(self, segment_id) -> str:
        """Return the sign of a segment; an open circle for segment 0 and for what is none."""
        place = self.places.get(segment_id)
        return "circle-open" if place is None else SIGNS[place % len(SIGNS)]

    def short(self, segment_id) -> str:
        """Return the id and the head of the name."""
        return short_name(self.names.get(segment_id, ""), segment_id)


def plain(value) -> str:
    """Return text that Plotly shows as it is, where it would read markup.

    Plotly reads tags and entities in every label.
    """
    return str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis(**settings) -> dict:
    """Return an axis without decoration."""
    return {
        "gridcolor": GRID,
        "zerolinecolor": MUTED,
        "linecolor": GRID,
        "automargin": True,
        "fixedrange": True,
        **settings,
    }


def figure(data, height, narrow=None, **layout) -> dict:
    """Return a chart as plain data that Plotly has checked.

    Parameters
    ----------
    data : list of dict, as in Plotly's reference.
    height : float. Pixels.
    narrow : dict with data and layout, laid over the chart on a phone; optional.
    layout : what differs from the common layout.
    """
    common = {
        "height": round(height),
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": MUTED, "font": {"color": INK}},
        "showlegend": False,
        "dragmode": False,
        "xaxis": axis(),
        "yaxis": axis(),
    }
    drawn = go.Figure({"data": data, "layout": {**common, **layout}}).to_plotly_json()
    drawn["layout"].pop("template", None)
    return {"data": drawn["data"], "layout": drawn["layout"], "narrow": copy.deepcopy(narrow or {})}
