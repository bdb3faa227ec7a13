"""Write the results into docs/benchmarks.md and draw the chart: `python benchmarks/write.py`.

`--print` shows the tables instead. Only what was measured is written: a table of `run.py scoring`
needs nothing but that step.
"""

import argparse
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from statistics import median

from figures import STEPS, by_name, ratios, slope, spread, sql_less_audit, total
from process import HERE
from run import FOLDER

DOCS = HERE.parent / "docs"
PAGE, CHART = DOCS / "benchmarks.md", DOCS / "images" / "benchmarks.svg"
START, END = "<!-- results -->", "<!-- /results -->"
TITLES = {
    "floor": "the floor: DuckDB + scikit-learn",
    "package": "the package: the same work, audit, profiles, quality, tests",
    "polars": "Polars + scikit-learn",
    "pandas": "pandas + scikit-learn",
    "spark": "Spark local[2] + scikit-learn",
    "whole": "the whole package with all its tests",
}
LABELS = {"floor": "the floor", "package": "package, same work", "whole": "whole package"}
VERSIONS = ("dbt-core", "dbt-duckdb", "duckdb", "scikit-learn", "polars", "pandas", "pyspark")


def table(head, rows) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def compared(records, lines) -> str:
    """Return the table of contenders: seconds of each step, CPU, memory, ratio to the package."""
    names = by_name(records, "compare", lines)
    package = names.get("package", [])
    rows = []
    for name in (name for name in TITLES if name in names):
        own = names[name]
        cells = [
            spread([record["seconds"][step] for record in own]) if name != "whole" else ""
            for step in STEPS
        ]
        faster = ratios(own, package) if name != "package" and package else []
        rows.append(
            [
                TITLES[name],
                *cells,
                spread([total(record) for record in own]),
                f"{median(record['cpu_seconds'] for record in own):,.0f}",
                spread([record["peak_gb"] for record in own]),
                spread(faster, 2) if faster else "",
            ]
        )
    head = ["", *STEPS, "in all, s", "CPU s", "peak GB", "times as long as the package"]
    rounds = max(len(own) for own in names.values())
    customers = next((own[0]["customers"] for own in names.values() if "customers" in own[0]), 0)
    title = (
        f"### {lines:,} lines, {customers:,} customers\n\nSeconds: median of {rounds} interleaved"
        " rounds, in brackets the smallest and the largest.\n\n"
    )
    return title + table(head, rows)


def parts(records, lines) -> str:
    """Return the table of what the package's time goes into."""
    names = by_name(records, "compare", lines)
    columns = [name for name in ("package", "whole") if name in names]
    steps = names[columns[0]][0]["seconds"]
    rows = [
        [step, *(spread([one["seconds"][step] for one in names[name]]) for name in columns)]
        for step in steps
    ]
    for title, measure in (
        ("in all", total),
        ("left out: dbt's own start", lambda one: one["dbt_start"]),
        ("left out: imports of the Python models", lambda one: one["imports"]),
    ):
        rows.append([title, *(spread([measure(one) for one in names[name]]) for name in columns)])
    head = [
        "seconds",
        *({"package": "the same work", "whole": "whole package"}[c] for c in columns),
    ]
    slowest = [
        f"{node.split('.')[2]} {seconds:.1f}"
        for node, seconds in list(names[columns[-1]][-1]["nodes"].items())[:12]
    ]
    return (
        f"### Where the time goes, {lines:,} lines\n\n{table(head, rows)}\n\n"
        f"The slowest nodes of the last round, in seconds: {', '.join(slowest)}."
    )


def targets(records, lines) -> list:
    """Return rows of figures that have a limit: what, measured, limit."""
    names = by_name(records, "compare", lines)
    rows = []
    if {"floor", "package"} <= set(names):
        floor, package = names["floor"], names["package"]
        queries = ratios(
            package,
            floor,
            sql_less_audit(floor),
            lambda one: one["seconds"]["features"] + one["seconds"]["scoring"],
        )
        rows.append(
            ["SQL nodes less one audit pass, over the floor's", spread(queries, 2), "≤ 1.5"]
        )
        (written,) = by_name(records, "agreement", lines).get("writing", [None])
        if written:
            floors = [one["seconds"]["features"] + one["seconds"]["scoring"] for one in floor]
            alone = sum(written["tables"].values()) / median(floors)
            title = "of which bare writing of their tables, over the floor's"
            rows.append([title, f"{alone:.2f}", ""])
        fits = ratios(package, floor, lambda one: one["seconds"]["fit"])
        rows.append(["k search and fit, over the floor's", spread(fits, 2), "≤ 0.5"])
    for name in (name for name in ("package", "whole") if name in names):
        for peer, limit in (("polars", 2), ("pandas", 4), ("spark", 8)):
            if peer in names:
                faster = spread(ratios(names[peer], names[name]), 2)
                rows.append([f"{TITLES[peer]}, over {LABELS[name]}", faster, f"≥ {limit}"])
        peaks = spread([record["peak_gb"] for record in names[name]], 2)
        rows.append([f"peak memory, {LABELS[name]}, GB", peaks, "≤ 2.5"])
    return rows


def more_targets(records, lines) -> list:
    """Return further rows, of the steps that are measured once."""
    rows = []
    (scanned,) = by_name(records, "scans", lines).get("whole", [None])
    if scanned:
        passes = sum(scan["share"] for scan in scanned["scans"])
        nodes = ", ".join(f"`{scan['node'].split('.')[-1]}`" for scan in scanned["scans"])
        rows.append([f"scans of the raw data in a build ({nodes})", f"{passes:.2f}", "≤ 2"])
    (day,) = by_name(records, "day", lines).get("whole", [None])
    if day:
        rows.append(
            [
                f"one more day on {lines:,} lines ({total(day['day']):.1f} s), over the full build",
                f"{total(day['day']) / total(day):.1%}",
                "≤ 10 %",
            ]
        )
    (written,) = by_name(records, "day", lines).get("writing", [None])
    if day and written:
        # lines and orders are appended to; what has customers in its rows changes with the day
        changed = sum(
            seconds
            for table, seconds in written["tables"].items()
            if not table.startswith("transaction_")
        )
        title = f"of which bare writing of the tables of customers ({changed:.1f} s)"
        rows.append([title, f"{changed / total(day):.1%}", ""])
    (agreed,) = by_name(records, "agreement", lines).get("agreement", [None])
    if agreed:
        worst = max(agreed["inertia_ratios"].values())
        ks = f"{agreed['k_of_package']} and {agreed['k_of_scikit_learn']}"
        unmatched, largest = agreed["unmatched"], agreed["largest_difference"]
        rows += [
            ["inertia over scikit-learn's `n_init=10`, worst k", f"{worst:.5f}", "≤ 1.001"],
            ["k chosen by the package and by bare scikit-learn", ks, "equal"],
            ["customers of package or floor alone", unmatched, "0"],
            [
                "largest relative difference of a feature to the floor's",
                f"{largest:.0e}",
                "rounding",
            ],
        ]
    for record in by_name(records, "scoring").get("scoring", []):
        for what, limit in (("scoring", "≤ 0.3 s, ≤ 1.5"), ("quality", "≤ 0.3 s")):
            figures = f"{record[what]:.2f} s, {record[what + '_ratio']:.2f}"
            title = f"{what}, 1 M customers, 8 features, k = 6: seconds, and over bare DuckDB"
            rows.append([title, figures, limit])
    return rows


def grown(records, lines) -> str:
    """Return the table of sizes with the cost exponent, or nothing."""
    whole = by_name(records, "growth").get("whole", []) + by_name(records, "compare", lines).get(
        "whole", []
    )
    sizes = sorted({record["lines"] for record in whole})
    if len(sizes) < 2:
        return ""
    rows, points = [], []
    for size in sizes:
        own = [record for record in whole if record["lines"] == size]
        points.append((size, median(map(total, own))))
        peaks = [record["peak_gb"] for record in own]
        limit = own[0].get("memory_limit") or "none"
        rows.append([f"{size:,}", spread(list(map(total, own))), spread(peaks), limit])
    between = [f"{slope([one, two]):.2f}" for one, two in pairwise(points)]
    head = ["lines", "whole package, s", "peak GB", "memory limit of DuckDB"]
    return (
        f"### More lines\n\n{table(head, rows)}\n\n"
        f"Cost exponent (log-log slope): {slope(points):.2f} over all,"
        f" {', '.join(between)} from size to size (limit 1.05)."
    )


def engines(records, lines) -> str:
    """Return the table of the whole package on DuckDB and on Spark, or nothing."""
    built = {
        record["target"]: record for record in by_name(records, "engines", lines).get("whole", [])
    }
    if len(built) < 2:
        return ""
    rows = [
        [
            title,
            f"{total(built[target]):,.0f}",
            f"{built[target]['dbt_start']:.0f}",
            memory,
            f"{total(built[target]) / total(built['dev']):.1f}",
        ]
        # Spark's memory is that of another process, which dbt does not wait for
        for target, title, memory in (
            ("dev", "DuckDB", f"{built['dev']['peak_gb']:.1f}"),
            ("spark", "Spark local[*]", "not measured"),
        )
    ]
    head = ["whole package", "in all, s", "dbt's own start, s", "peak GB", "over DuckDB"]
    return f"### DuckDB and Spark, {lines:,} lines\n\n{table(head, rows)}"


def installed(name) -> str | None:
    """Return the version of a package, or None where it is missing: Spark is needed by few."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def machine(records) -> str:
    """Return a line on the machine, the versions and how busy the machine was."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    loads = [record["load"] for record in records if "load" in record]
    used = ", ".join(f"{name} {found}" for name in VERSIONS if (found := installed(name)))
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, {platform.system()}"
        f" {platform.release()}, Python {platform.python_version()}; {used}. Load of the machine"
        f" when a run began: {spread(loads)}."
    )


def page(records, lines) -> str:
    """Return all tables as Markdown."""
    found = []
    if by_name(records, "compare", lines):
        found += [compared(records, lines), parts(records, lines)]
    rows = targets(records, lines) + more_targets(records, lines)
    if rows:
        found.append("### Against the limits\n\n" + table(["", "measured", "limit"], rows))
    failed = [record for record in records if "error" in record]
    found += [grown(records, lines), engines(records, lines)]
    found += [
        f"**Failed**: {one['step']} of {one['name']} on {one['lines']:,} lines." for one in failed
    ]
    return "\n\n".join([machine(records), *filter(None, found)])


def draw(records, lines):
    """Draw the medians of the steps of each contender as stacked bars."""
    import matplotlib as mpl

    mpl.use("svg")
    # the same file for the same figures
    mpl.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot as plt

    names = by_name(records, "compare", lines)
    contenders = [name for name in TITLES if name in names][::-1]
    steps = ["audit", *STEPS, "rest of the package", "tests", "dbt itself"]
    colours = ["#b3b3b3", "#0072b2", "#e69f00", "#009e73", "#56b4e9", "#cc79a7", "#666666"]
    figure, axes = plt.subplots(figsize=(9, 0.6 * len(contenders) + 1.4))
    left = dict.fromkeys(contenders, 0.0)
    for step, colour in zip(steps, colours, strict=True):
        # the floor's audit is beside its work, as a yardstick
        widths = [
            0
            if name == "floor" and step == "audit"
            else median(one["seconds"].get(step, 0) for one in names[name])
            for name in contenders
        ]
        axes.barh(contenders, widths, left=list(left.values()), color=colour, label=step)
        left = {name: left[name] + width for name, width in zip(contenders, widths, strict=True)}
    for name, seconds in left.items():
        axes.text(seconds, name, f" {seconds:,.0f} s", va="center")
    axes.set_yticks(range(len(contenders)), [LABELS.get(name, name) for name in contenders])
    axes.set_xlabel(f"seconds, {lines:,} lines; imports and starts of dbt and Spark left out")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.1)
    figure.legend(loc="upper center", ncols=len(steps), frameon=False, fontsize=7)
    figure.tight_layout(rect=(0, 0, 1, 0.93))
    CHART.parent.mkdir(exist_ok=True)
    figure.savefig(CHART, metadata={"Date": None})


def main():
    """Write the page and the chart, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--print", action="store_true")
    arguments = parser.parse_args()
    records = json.loads((arguments.folder / "results.json").read_text(encoding="utf-8"))
    tables = page(records, arguments.lines)
    if arguments.print:
        print(tables)
        return
    before, rest = PAGE.read_text(encoding="utf-8").split(START)
    PAGE.write_text(f"{before}{START}\n\n{tables}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    draw(records, arguments.lines)


if __name__ == "__main__":
    main()
