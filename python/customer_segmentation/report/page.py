"""Write the page around the sections: one file that needs no network."""

from __future__ import annotations

from importlib.resources import files

from plotly.offline import get_plotlyjs

from customer_segmentation.report.markup import embedded_json, text

# Nothing from elsewhere, whatever the data hold.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)


def page(sections, tables) -> str:
    """Return the whole report as HTML.

    Parameters
    ----------
    sections : list of Section
    tables : Tables
    """
    here = files("customer_segmentation.report")
    style = (here / "page.css").read_text(encoding="utf-8")
    script = (here / "page.js").read_text(encoding="utf-8")
    charts = {name: chart for section in sections for name, chart in section.charts.items()}
    contents = "".join(
        f'<li><a href="#{section.id}">{text(section.title)}</a></li>' for section in sections
    )
    body = "".join(
        f'<section id="{section.id}"><h2>{text(section.title)}</h2>'
        f"{''.join(section.parts)}</section>"
        for section in sections
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Customer segments</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<header>
<h1>Customer segments</h1>
<p class="meta">{text(state(tables))}</p>
<nav aria-label="Sections"><ul>{contents}</ul></nav>
</header>
<main>
{body}
</main>
<footer>Amounts are in your currency. Read from {text(tables.place.name)}.</footer>
<script type="application/json" id="charts">{embedded_json(charts)}</script>
<script>{get_plotlyjs()}</script>
<script>
{script}</script>
</body>
</html>
"""


def state(tables) -> str:
    """Say which build the report shows."""
    if not tables.has("publication"):
        return "The newest build that was published."
    found = tables.rows("select run_at, model_version, as_of from publication limit 1")
    if not found:
        return "The newest build that was published."
    row = found[0]
    return (
        f"As of {row['as_of']:%Y-%m-%d}, version {row['model_version']} of the model, "
        f"built {row['run_at']:%Y-%m-%d %H:%M} UTC."
    )
