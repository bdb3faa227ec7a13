"""The report on a published file: what it says against SQL, and what a browser makes of it."""

import html as html_module
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from customer_segmentation import cli, maps
from customer_segmentation.report import ReportError, findings, markup, render
from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs
from project_runner import WITHOUT_TESTS
from sklearn.decomposition import PCA

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECTIONS = [
    *("headline", "profiles", "who", "rfm", "selection", "map"),
    *("drivers", "migrations", "retention", "value", "quality", "card"),
]
HOSTILE = """</script><script>alert(1)</script><img src=x onerror=alert(2)> & "quoted" 'n' %{x}"""


def publish(project, file):
    """Copy the public tables into a file of the published shape."""
    nodes = project.manifest()["nodes"].values()
    names = [node["name"] for node in nodes if node.get("access") == "public"]
    assert {"segment_map", "rfm_grid", "segment_profiles"} <= set(names)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{project.database}' as built (read_only)")
        connection.execute(f"attach '{file}' as made (storage_version 'v1.4.0')")
        for name in names:
            connection.execute(f"create table made.{name} as from built.{project.schema}.{name}")
        connection.execute(
            "create table made.publication as select 'v' as version, max(run_at) as run_at, "
            "max(model_version) as model_version, max(as_of) as as_of from made.segmentation_runs"
        )
    return file


@pytest.fixture(scope="module")
def built(demo):
    """Return the demo after two builds, three months apart."""
    project = demo.variant("report")
    replace(project, settings=project.settings | {"segmentation_as_of": "2025-10-01"}).build(
        "--select", "+segment_migrations", "+published_run", *WITHOUT_TESTS
    )
    return project.build(*WITHOUT_TESTS)


@pytest.fixture(scope="module")
def file(built, tmp_path_factory):
    """Return a file published from it."""
    return publish(built, tmp_path_factory.mktemp("published") / "segmentation.duckdb")


@pytest.fixture(scope="module")
def report(file):
    """Return the report on it."""
    return render(file.parent)


@pytest.fixture
def changed(file, tmp_path):
    """Return a function that changes a copy of the published file and renders it."""

    def change(*statements):
        copy = tmp_path / "segmentation.duckdb"
        shutil.copy(file, copy)
        with duckdb.connect(str(copy)) as connection:
            for statement in statements:
                connection.execute(statement)
        return render(copy)

    return change


@pytest.fixture(scope="module")
def browser():
    """Return a headless Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: install chromium, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that opens a report, and gathers what the browser complains of."""
    contexts = []

    def open_report(content, width=1280, scheme="light"):
        path = tmp_path / "report.html"
        path.write_text(content, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.requests = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: page.complaints.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]", timeout=20_000)
        page.wait_for_timeout(300)
        page.own = path.as_uri()
        return page

    yield open_report
    for context in contexts:
        context.close()


def charts_of(content):
    """Return the charts embedded in a report."""
    (found,) = re.findall(r'<script type="application/json" id="charts">(.*?)</script>', content)
    return json.loads(found)


def captions(content):
    """Return the findings of a report as plain text."""
    return [
        html_module.unescape(found)
        for found in re.findall(r"<figcaption>(.*?)</figcaption>", content, re.S)
    ]


# ---------- the two tables


def test_map_is_the_pca_of_scikit_learn(built):
    sample = built.frame(
        "select sample.vector, segments.segment_id from map_sample as sample "
        "join segments using (customer_id)"
    )
    vectors = np.stack(sample["vector"])
    pca = PCA(n_components=2).fit(vectors)
    expected = pca.transform(vectors)
    for axis in (0, 1):
        loadings = pca.components_[axis]
        if loadings[np.argmax(np.abs(loadings))] < 0:
            expected[:, axis] *= -1
    drawn = built.frame("select * from segment_map where kind = 'customer'")
    assert len(drawn) == len(sample) > 1000
    assert "customer_id" not in drawn
    ours = np.sort(drawn[["x", "y"]].to_numpy(), axis=0)
    np.testing.assert_allclose(ours, np.sort(expected, axis=0), atol=1e-4)
    shares = drawn[["x_variance_share", "y_variance_share"]].iloc[0]
    np.testing.assert_allclose(shares, pca.explained_variance_ratio_, atol=1e-9)


def test_axes_of_a_single_coordinate_and_of_none():
    rows = maps.axis_rows(np.array([2.0]), np.array([[9.0]]))
    assert [(row["axis"], row["loading"], row["variance_share"]) for row in rows] == [
        (1, 1.0, 1.0),
        (2, 0.0, 0.0),
    ]
    assert maps.axis_rows(np.zeros(0), np.zeros((0, 0))) == []


def test_grid_holds_every_customer_and_the_most_common_name(built):
    grid = built.frame("select * from rfm_grid order by recency_score, frequency_score")
    segments = built.frame(
        "select recency_score, frequency_score, monetary, rfm_segment from segments"
    )
    assert len(grid) == 25
    assert grid["customers"].sum() == len(segments)
    assert grid["customer_share"].sum() == pytest.approx(1)
    for row in grid[grid["customers"] > 0].itertuples():
        cell = segments[
            (segments["recency_score"] == row.recency_score)
            & (segments["frequency_score"] == row.frequency_score)
        ]
        assert row.customers == len(cell)
        assert row.revenue == pytest.approx(cell["monetary"].sum())
        assert row.rfm_segment == cell["rfm_segment"].mode().min()


# ---------- what it says


def test_sections_come_in_order_and_each_chart_has_a_finding_and_a_table(report):
    assert re.findall(r'<section id="([a-z]+)">', report) == SECTIONS
    figures = re.findall(r"<figure.*?</figure>", report, re.S)
    assert len(figures) == len(charts_of(report)) >= 13
    for figure in figures:
        label = re.search(r'role="img" aria-label="([^"]+)"', figure)[1]
        finding = re.search(r"<figcaption>(.*?)</figcaption>", figure, re.S)[1]
        assert finding.endswith(".")
        assert finding in label
        assert re.search(r"<details><summary>Show as a table.*<table", figure, re.S)


def test_findings_are_those_of_sql(built, report):
    told = captions(report)
    ((name, revenue, customers),) = built.rows(
        "select segment_name, round(100 * revenue_share), round(100 * customer_share) "
        "from segment_profiles order by revenue_share desc limit 1"
    )
    assert (
        f"{name} brings {revenue:.0f}\u00a0% of the revenue with {customers:.0f}\u00a0% of the "
        "customers."
    ) in told
    ((moved, known),) = built.rows(
        "select sum(customers) filter (where movement = 'moved'), sum(customers) "
        "from segment_migrations where from_segment_id is not null"
    )
    assert any(f"{moved:,} of {known:,} customers" in finding for finding in told)
    ((value, segment),) = built.rows(
        "select avg(discounted_value_365_days), segments.segment_name "
        "from customer_lifetime_value join segments using (customer_id) "
        "group by all order by 1 desc limit 1"
    )
    assert any(f"A customer of {segment} is expected to be worth {value:,.0f}" in t for t in told)
    lines = built.value("select count(*) from rejected_transactions")
    assert any(finding.startswith(f"{lines:,} of ") for finding in told)
    reason = built.value(
        "select reason from segment_candidates where is_chosen order by model_version desc limit 1"
    )
    assert html_module.escape(reason) in report


def test_charts_add_up_to_segments(built, report):
    charts = charts_of(report)
    customers = built.value("select count(*) from segments")
    cells = charts["rfm"]["data"][0]["z"]
    assert sum(map(sum, cells)) == customers
    assert sum(charts["migrations"]["data"][0]["link"]["value"]) == built.value(
        "select sum(customers) from segment_migrations"
    )
    assert sum(charts["revenue"]["data"][0]["x"]) == pytest.approx(1)
    assert f"<dd>{customers:,}</dd>" in report


def test_labels_of_migrations_are_distinct(report):
    labels = charts_of(report)["migrations"]["data"][0]["node"]["label"]
    assert len(labels) == len(set(labels)) > 8


def test_report_names_no_customer_and_stays_small(built, report):
    own = report.replace(get_plotlyjs(), "")
    assert len(own) < len(report)
    # the demo has an id 7 too, which any page holds
    ids = [id_ for (id_,) in built.rows("select customer_id from segments") if len(id_) > 4]
    assert len(ids) > 1000
    assert not [id_ for id_ in ids if id_ in own]
    assert len(report.encode()) < 6_000_000


def test_ties_go_to_the_lower_id_and_empty_tables_have_words():
    rows = [
        {"segment_id": id_, "segment_name": f"s{id_}", "revenue_share": 0.5, "customer_share": 0.5}
        for id_ in (2, 1)
    ]
    assert findings.revenue(rows).startswith("s1 ")
    assert findings.revenue([])
    assert findings.retention([])
    assert findings.drift([])


# ---------- in a browser


# Light and dark on the two widths in turn: axe takes its time over thousands of dots.
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_page_is_quiet_accessible_and_fits(report, opened, width, scheme):
    page = opened(report, width, scheme)
    assert page.complaints == []
    assert page.requests == [page.own]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.chart')].filter(chart => {
            const card = chart.closest('.card').getBoundingClientRect();
            const drawn = chart.querySelector('.main-svg');
            if (!drawn) return true;
            const box = drawn.getBoundingClientRect();
            return box.width < 200 || box.height < 100 || box.left < card.left
                || box.right > card.right || box.top < card.top || box.bottom > card.bottom;
        }).map(chart => chart.id)"""
    )
    assert outside == []
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in violations] == []


def test_charts_follow_the_colour_scheme_and_the_width(report, opened):
    page = opened(report)
    ink = "getComputedStyle(document.querySelector('#chart-revenue .xtick text')).fill"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    assert page.evaluate(ink) != light
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_timeout(800)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.complaints == []


def test_hostile_names_stay_text(changed, opened):
    name = HOSTILE.replace("'", "''")
    content = changed(
        f"update segment_profiles set segment_name = '{name}', action = '{name}'",
        f"update segment_migrations set from_segment_name = '{name}'",
        f"update segment_attribute_profiles set attribute_level = '{name}'",
        f"update segment_candidates set reason = '{name}'",
        f"update segmentation_card set markdown = '# ' || '{name}' || chr(10) || '| {name} |'",
        f"update rfm_grid set rfm_segment = '{name}'",
        f"update segment_map set segment_name = '{name}'",
        f"update segment_kpis set segment_name = '{name}'",
        f"update segment_drivers set segment_name = '{name}', input = '{name}' where rank = 1",
        f"update transaction_audit set message = '{name}'",
    )
    assert "<img src=x" not in content
    assert "<script>alert" not in content
    page = opened(content)
    assert page.complaints == []
    assert page.requests == [page.own]
    assert page.evaluate("document.querySelectorAll('img').length") == 0
    assert "<img src=x onerror=alert(2)>" in page.inner_text("#profiles")


# ---------- whatever there is


def test_single_build_says_so(changed):
    content = changed("delete from segment_migrations")
    assert "There is only one build so far" in content


def test_optional_inputs_may_be_missing(changed):
    content = changed(
        "delete from segment_attribute_profiles",
        "update segment_kpis set conversion_rate = null, discounted_value_365_days = null, "
        "mean_discounted_value_365_days = null, retention_rate = null",
        "delete from segment_candidates",
        "delete from segment_drivers",
        "delete from segment_map",
        "delete from feature_drift",
        "update transaction_audit set rows_failed = 0",
    )
    assert "No attributes describe the customers" in content
    assert "No campaigns are mapped" in content
    assert "No lifetime value was computed" in content
    assert re.findall(r'<section id="([a-z]+)">', content) == SECTIONS


def test_tables_that_are_not_published_are_named(file, changed):
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("show tables").fetchall()]
    kept = "segment_profiles"
    content = changed(*[f"drop table {name}" for name in tables if name != kept])
    assert re.findall(r'<section id="([a-z]+)">', content) == SECTIONS
    assert "<code>rfm_grid</code>" in content


def test_segment_zero_and_twenty_segments_fit(changed, opened):
    more = " union all ".join(
        f"select * replace ({id_} as segment_id, 'Extra {id_} · more' as segment_name) "
        "from (from segment_profiles order by segment_id limit 1)"
        for id_ in (0, *range(20, 31))
    )
    page = opened(changed(f"insert into segment_profiles {more}"), 390)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelectorAll('article.segment').length") == 20


def test_no_segments_at_all_is_a_report_too(changed):
    content = changed("delete from segment_profiles")
    assert re.findall(r'<section id="([a-z]+)">', content) == SECTIONS


# ---------- the command


def test_command_writes_the_report_from_folder_file_and_parquet(file, tmp_path, capsys):
    folder = tmp_path / "segmentation"
    folder.mkdir()
    with duckdb.connect(str(file), read_only=True) as connection:
        for (name,) in connection.execute("show tables").fetchall():
            connection.execute(f"copy {name} to '{folder / name}.parquet' (format parquet)")
    output = tmp_path / "out.html"
    pages = []
    for place in (file.parent, file, tmp_path):
        assert cli.main(["report", str(place), "--output", str(output)]) == 0
        pages.append(captions(output.read_text(encoding="utf-8")))
    assert pages[0] == pages[1] == pages[2]
    assert str(output) in capsys.readouterr().out


def test_command_says_what_is_missing(tmp_path, capsys, monkeypatch):
    assert cli.main(["report", str(tmp_path)]) == 1
    assert "segmentation_publish_path" in capsys.readouterr().err
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    assert cli.main(["report", str(empty)]) == 1
    assert "segment_profiles" in capsys.readouterr().err
    (tmp_path / "text.duckdb").write_text("no database " * 1000)
    with pytest.raises(ReportError, match="cannot be read as a DuckDB file"):
        render(tmp_path / "text.duckdb")
    monkeypatch.setitem(__import__("sys").modules, "customer_segmentation.report", None)
    assert cli.main(["report", str(tmp_path)]) == 1
    assert "pip install 'customer-segmentation[report]'" in capsys.readouterr().err


def test_markdown_renders_its_subset_and_nothing_else():
    source = "# A <b>\n\n- `x < 1`\n- **two**\n\n| a\\|b | c |\n| --- | --- |\n| 1 | <i> |"
    source += "\n\n[l](javascript:x)"
    rendered = markup.markdown(source)
    assert "<h3>A &lt;b&gt;</h3>" in rendered
    assert "<li><code>x &lt; 1</code></li><li><strong>two</strong></li>" in rendered
    assert '<th scope="col">a|b</th>' in rendered
    assert "<td>&lt;i&gt;</td>" in rendered
    assert "<a" not in rendered
