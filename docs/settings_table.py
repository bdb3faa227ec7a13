"""Write the settings table of README.md from the catalog: `make docs`.

The catalog is the YAML inside macros/settings/settings_catalog.sql, which the start-up check of the
package reads too.
"""

import json
from pathlib import Path

import jinja2
import yaml

ROOT = Path(__file__).parents[1]
CATALOG = ROOT / "macros" / "settings" / "settings_catalog.sql"
README = ROOT / "README.md"
START, END = "<!-- settings -->", "<!-- /settings -->"
PREFIX = "segmentation_"


def read_catalog():
    """Return the catalog as dbt sees it: a list of dict with question and settings."""
    catalog = []
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    environment.globals.update({"fromyaml": yaml.safe_load, "return": catalog.extend})
    environment.from_string(CATALOG.read_text(encoding="utf-8")).module.settings_catalog()
    return catalog


def shown(value):
    """Return a default as one would write it in YAML vars, in backticks."""
    # safe_dump() ends a lone scalar with the mark for the end of a document.
    text = yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()
    return "`" + (json.dumps(value) if text.startswith("'") else text) + "`"


def wanted(entry):
    """Return the values that a setting takes, in words."""
    low, high = entry.get("min"), entry.get("max")
    kinds = {
        "relation": "table",
        "expression": "column or SQL",
        "text": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "`true` or `false`",
        "choice": ", ".join(f"`{value}`" for value in entry.get("values", [])),
        "choices": "one or a list of "
        + ", ".join(f"`{value}`" for value in entry.get("values", [])),
        "timestamp": "date or timestamp",
        "list": "list of names",
        "numbers": f"{entry.get('length')} rising numbers",
        "mapping": "mapping",
    }
    words = kinds[entry["type"]]
    if low is not None and high is not None:
        words += f" from {low:,} to {high:,}"
    elif low is not None:
        words += f" from {low:,}"
    return words + (", or null" if entry.get("nullable") else "")


def table(catalog):
    """Return the Markdown: a heading and a table for each question."""
    lines = []
    for group in catalog:
        lines += ["", f"### {group['question']}", ""]
        lines += ["| setting | default | takes | meaning |", "|---|---|---|---|"]
        for entry in group["settings"]:
            cells = [
                f"`{PREFIX}{entry['name']}`",
                shown(entry["default"]),
                wanted(entry),
                entry["meaning"],
            ]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def with_table(readme):
    """Return the text of the README with the table between its markers.

    Raises
    ------
    ValueError: a marker is missing, or there are several.
    """
    if readme.count(START) != 1 or readme.count(END) != 1:
        raise ValueError(f"README.md must hold the lines {START} and {END} once each.")
    before, rest = readme.split(START)
    after = rest.split(END)[1]
    return f"{before}{START}\n{table(read_catalog())}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
