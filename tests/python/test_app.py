"""The app on real builds: filters, comparison and download against SQL, and in Chromium."""

import csv
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from corner_shop import clean_lines, write_lines
from playwright import sync_api as playwright
from project_runner import WITHOUT_TESTS, read_yaml
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "apps" / "explore"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

MOVEMENT = ("segments_snapshot", "segment_builds", "segment_migrations")
PROFILES = ("+segment_profiles", "published_run")
SELECTION = ("--select", *PROFILES, *MOVEMENT, *WITHOUT_TESTS)
TABLES = ("segments", "segment_profiles", "feature_snapshot", *MOVEMENT)
MONTHS = ("2024-10-01", "2025-04-01", "2026-01-01")
FORMULA = "=1+1"
SETTINGS = {
    "segmentation_k": 3,
    "segmentation_refit": "always",
    "segmentation_country": f"case when raw = 'tea' then 'Ireland' else '{FORMULA}' end",
    "segmentation_channel": "case when cast(Quantity as integer) > 2 then 'web' else 'shop' end",
}
NEWEST = "newest"


def publish(folder, version):
    """Switch the link to another version in one step, as the package does."""
    beside = folder / "segmentation.next"
    beside.symlink_to(version.name)
    os.replace(beside, folder / "segmentation.duckdb")


def export(project, file, version):
    """Write the tables of a build to a file, under the names that publishing gives them."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"attach '{project.database}' as built (read_only)")
        for table in TABLES:
            connection.execute(f"create table {table} as from built.{project.schema}.{table}")
        connection.execute(
            "create table publication as select ? as version, now() as published_at, "
            "(select max(run_at) from segment_builds) as run_at, "
            "max(model_version) as model_version, max(as_of) as as_of, "
            "'0.1.0' as package_version from segments",
            [version],
        )


@pytest.fixture(scope="module")
def versions(corner_shop, tmp_path_factory):
    """Return the files of three builds, of which the first two looked at fewer months."""
    project = corner_shop.variant("explored", SETTINGS)
    folder = tmp_path_factory.mktemp("versions")
    lines = [line | {"Customer ID": f"-{line['Customer ID']}"} for line in clean_lines()]
    files = []
    for number, month in enumerate(MONTHS, start=1):
        write_lines(project, [line for line in lines if line["Time"] < month])
        project.build(*SELECTION)
        files.append(folder / f"segmentation-V{number}.duckdb")
        export(project, files[-1], f"V{number}")
    return files


@pytest.fixture
def published(versions, tmp_path, monkeypatch):
    """Return a folder of its own with the three versions, whose link leads to the newest."""
    for version in versions:
        shutil.copy(version, tmp_path)
    publish(tmp_path, versions[-1])
    monkeypatch.setenv("SEGMENTATION_PUBLISHED", str(tmp_path / "segmentation.duckdb"))
    return tmp_path


@pytest.fixture(autouse=True)
def own_program(monkeypatch):
    """Keep the arguments of pytest from the app, let its own module be found, and put pytest back.

    Streamlit leaves the app in place as `__main__`: a process that a later test starts through
    `multiprocessing` would run the app again.
    """
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.syspath_prepend(str(APP))


def opened_page(view=None, **chosen):
    """Run the app, choose a view and what the widgets of these keys shall hold."""
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60).run()
    if view:
        page.radio(key="view").set_value(view).run()
    for key, value in chosen.items():
        kind = page.multiselect if isinstance(value, list) else page.selectbox
        kind(key=key).set_value(value)
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def metrics(page):
    """Return the headline figures by label, without thousands separators."""
    return {metric.label: metric.value.replace(",", "") for metric in page.metric}


def sql(file, query, parameters=()):
    """Return the rows of a query on a file, which nobody may have open for that."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query, parameters).fetchall()


def records(frame, columns):
    """Return columns of a data frame as tuples, without the types of numpy."""
    return [tuple(row) for row in frame[columns].astype(object).values.tolist()]


@dataclass(frozen=True)
class Build:
    """A build as the file lists it: the key that it is chosen by, and its moment."""

    key: str
    run_at: object
    as_of: object


def builds_of(file):
    """Return the builds in a file, newest first."""
    rows = sql(file, "select run_at, as_of from segment_builds order by run_at desc")
    keys = [NEWEST] + [run_at.isoformat() for run_at, _ in rows[1:]]
    return [Build(key, *row) for key, row in zip(keys, rows, strict=True)]


# ---------- what the page shows


def test_overview_is_that_of_the_published_customers(published, versions):
    page = opened_page()
    customers, revenue = sql(versions[-1], "select count(*), sum(monetary) from segments")[0]
    assert metrics(page)["Customers"] == str(customers)
    assert metrics(page)["Revenue"] == f"{revenue:.0f}"
    assert records(page.dataframe[0].value, ["segment_id", "customers"]) == sql(
        versions[-1],
        "select segment_id, customers from segment_profiles order by revenue desc, segment_id",
    )
    assert any("Version V3" in text.value for text in page.markdown)


@pytest.mark.parametrize("countries", [["Ireland"], [FORMULA], ["Ireland", FORMULA]])
@pytest.mark.parametrize("channels", [["web"], []])
def test_filters_leave_the_customers_that_sql_finds(published, versions, countries, channels):
    ids = sql(versions[-1], "select distinct segment_id from segments order by 1 limit 2")
    segments = [id_ for (id_,) in ids]
    expected = sql(
        versions[-1],
        "select s.customer_id, s.segment_id, cast(s.monetary as double) from segments as s "
        "inner join feature_snapshot as f using (customer_id) where s.segment_id in "
        "(select unnest($segments)) and f.country in (select unnest($countries)) "
        "and (len($channels) = 0 or f.favourite_channel in (select unnest($channels))) "
        "order by s.monetary desc, s.customer_id",
        {"segments": segments, "countries": countries, "channels": channels},
    )
    page = opened_page(
        "Customers",
        segments=segments,
        level_country=countries,
        level_favourite_channel=channels,
    )
    assert expected
    assert metrics(page)["Customers"] == str(len(expected))
    shown = page.dataframe[0].value
    assert records(shown, ["customer_id", "segment_id", "monetary"]) == expected[:25]


@pytest.mark.parametrize("number", [0, 1])
def test_earlier_build_shows_what_was_published_then(published, versions, number):
    build = builds_of(versions[-1])[2 - number]
    page = opened_page("Customers", build=build.key)
    page.selectbox(key="sort").set_value("customer_id")
    page.selectbox(key="order").set_value("Lowest first")
    page.selectbox(key="size").set_value(100).run()
    assert records(page.dataframe[0].value, ["customer_id", "segment_id", "segment_name"]) == sql(
        versions[number],
        "select customer_id, segment_id, segment_name from segments order by customer_id",
    )


def test_pages_are_the_sorted_list_in_pieces(published, versions):
    page = opened_page("Customers", sort="recency_days", order="Lowest first")
    seen = []
    for number in (1, 2):
        page.number_input(key="page").set_value(number).run()
        seen += records(page.dataframe[0].value, ["customer_id"])
    assert seen == sql(
        versions[-1], "select customer_id from segments order by recency_days, customer_id"
    )
    # on fewer customers there is no second page to be on
    page.multiselect(key="level_favourite_channel").set_value(["web"]).run()
    assert not page.exception
    assert page.number_input(key="page").value == 1


def test_one_customer_is_followed_through_the_builds(published, versions):
    page = opened_page("Customers")
    page.text_input(key="search").set_value("-13").run()
    assert metrics(page)["Customers"] == "50"
    assert records(page.dataframe[0].value, ["customer_id"]) == [("-13",)]
    assert records(page.dataframe[1].value, ["segment_name"]) == sql(
        versions[-1],
        "select segment_name from segments_snapshot where customer_id = '-13' "
        "order by dbt_valid_from",
    )


def test_what_is_typed_is_a_value_and_no_sql(published):
    page = opened_page("Customers")
    page.text_input(key="search").set_value("' or 1 = 1 --").run()
    assert not page.exception
    assert "No customer with this id" in page.info[0].value


@pytest.mark.parametrize(("earlier", "later"), [(2, 1), (2, 0), (1, 0)])
def test_comparison_is_that_of_segment_migrations(published, versions, earlier, later):
    builds = builds_of(versions[-1])
    before, after = builds[earlier], builds[later]
    page = opened_page("Compare two builds")
    page.selectbox(key="from_build").set_value(before.key)
    page.selectbox(key="to_build").set_value(after.key).run()
    assert not page.exception
    columns = ["movement", "from_segment_name", "to_segment_name", "customers", "from_share"]
    if later == 0:
        # of an earlier build the file keeps the spend of the last one in the stay
        columns.append("revenue")
    moves = page.dataframe[0].value[columns].astype(object)
    shown = moves.where(moves.notna(), None).values.tolist()
    migrations = sql(
        versions[-1],
        f"select {', '.join(columns)} from segment_migrations "
        "where from_run_at = ? and to_run_at = ?",
        [before.run_at, after.run_at],
    )
    assert len(migrations) > 3
    assert sorted(map(comparable, shown)) == sorted(map(comparable, migrations))


def comparable(row):
    """Return a row as text, fractions to nine digits."""
    return [
        f"{float(cell):.9g}" if isinstance(cell, float | Decimal) else str(cell) for cell in row
    ]


def test_comparison_keeps_moves_from_or_to_the_chosen_segments(published, versions):
    page = opened_page("Compare two builds", segments=[1])
    ends = records(page.dataframe[0].value, ["from_segment_id", "to_segment_id"])
    assert ends
    assert all(1 in pair for pair in ends)


# ---------- the list for a campaign


def test_list_holds_the_filtered_customers_and_what_to_do(published, versions):
    import published_file

    filters = {"country": [FORMULA], "favourite_channel": []}
    target = versions[-1]
    as_of = builds_of(target)[0].as_of
    content = published_file.campaign_csv(target, None, [], filters, "", as_of)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    expected = sql(
        target,
        "select s.customer_id, s.segment_id, s.segment_name, p.action, p.channel, f.country, "
        "f.favourite_channel, s.monetary from segments as s "
        "inner join segment_profiles as p using (segment_id) "
        "inner join feature_snapshot as f using (customer_id) "
        "where f.country = ? order by s.customer_id",
        [FORMULA],
    )
    assert expected
    assert [
        (
            row["customer_id"],
            row["segment_id"],
            row["segment_name"],
            row["action"],
            row["channel"],
            row["country"],
            row["favourite_channel"],
            row["monetary"],
        )
        for row in rows
    ] == [
        # ids begin with a minus and the country is a formula
        ("'" + id_, str(segment), name, action or "", channel or "", "'" + FORMULA, way, str(spend))
        for id_, segment, name, action, channel, _, way, spend in expected
    ]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(0)", "'=HYPERLINK(0)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("\r=1", "'\r=1"),
        ("a=1", "a=1"),
        ("", ""),
        (-1, -1),
        (None, None),
    ],
)
def test_text_that_begins_a_formula_is_neutralised(cell, written):
    import published_file

    assert published_file.harmless(cell) == written


# ---------- files that hold less, or nothing


def only_segments(file, rows):
    """Write a file of the table segments alone."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table segments (customer_id varchar, segment_id integer, segment_name varchar, "
            "monetary decimal(38,4), recency_days integer, frequency bigint, "
            "model_version integer, as_of timestamp)"
        )
        for row in rows:
            connection.execute(
                "insert into segments values (?, ?, ?, ?, 3, 1, 1, '2026-01-01')", row
            )


@pytest.mark.parametrize("view", ["Overview", "Customers", "Compare two builds"])
@pytest.mark.parametrize(
    "rows",
    [
        [("A", 0, "Unassigned", 0)],
        [("A", 1, "One", -5), ("B", 2, "Two", 5)],
        [("A", 1, None, 7)],
    ],
)
def test_table_segments_alone_is_enough(tmp_path, monkeypatch, rows, view):
    only_segments(tmp_path / "small.duckdb", rows)
    monkeypatch.setenv("SEGMENTATION_PUBLISHED", str(tmp_path / "small.duckdb"))
    page = opened_page(view)
    assert not page.error
    assert any("no country, channel" in text.value for text in page.markdown)
    if view == "Compare two builds":
        assert "knows one build" in page.info[0].value
    else:
        assert metrics(page)["Customers"] == str(len(rows))
        assert len(page.dataframe[0].value) == len(rows)


def test_name_of_a_segment_is_text_and_no_markup(tmp_path, monkeypatch):
    only_segments(tmp_path / "marked.duckdb", [("A", 1, "![x](http://elsewhere/x.png) <b>", 7)])
    monkeypatch.setenv("SEGMENTATION_PUBLISHED", str(tmp_path / "marked.duckdb"))
    page = opened_page()
    assert any(
        text.value.startswith(r"**\!\[x\]\(http\://elsewhere/x.png\) \<b\>**")
        for text in page.markdown
    )


def test_first_build_has_nothing_to_compare_with(published, versions):
    publish(published, versions[0])
    page = opened_page("Compare two builds")
    assert "knows one build" in page.info[0].value


def make_text(path):
    path.write_text("no database")


def make_other_tables(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table lines (amount integer)")


def make_narrow(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table segments (customer_id varchar, segment_id integer)")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "There is no published file"),
        (lambda path: path.symlink_to("gone.duckdb"), "There is no published file"),
        (lambda path: path.mkdir(), "is a folder"),
        (make_text, "cannot be opened as a DuckDB file"),
        (make_other_tables, "holds no table `segments`"),
        (make_narrow, "lacks `segment_name`, `monetary`"),
    ],
)
def test_file_that_cannot_be_shown_is_explained(tmp_path, monkeypatch, make, said):
    path = tmp_path / "segmentation.duckdb"
    make(path)
    monkeypatch.setenv("SEGMENTATION_PUBLISHED", str(path))
    page = opened_page()
    assert [said in error.value for error in page.error] == [True]


def test_empty_table_is_explained(tmp_path, monkeypatch):
    only_segments(tmp_path / "empty.duckdb", [])
    monkeypatch.setenv("SEGMENTATION_PUBLISHED", str(tmp_path / "empty.duckdb"))
    page = opened_page()
    assert "is empty" in page.info[0].value


def test_file_on_the_command_line_comes_first(published, versions, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", str(versions[0])])
    page = opened_page()
    assert any("Version V1" in text.value for text in page.markdown)


# ---------- versions


def test_next_render_is_of_the_version_published_since(published, versions):
    page = opened_page("Customers", level_country=["Ireland"], build=NEWEST, segments=[1])
    page.selectbox(key="build").set_value(builds_of(versions[-1])[2].key).run()
    for number in (1, 2):
        publish(published, versions[number])
        with duckdb.connect(str(published / versions[number].name)) as connection:
            # the chosen country and segment are gone with the new version
            connection.execute("update feature_snapshot set country = 'Malta'")
            connection.execute("update segments set segment_id = segment_id + 7")
            connection.execute("update segments_snapshot set segment_id = segment_id + 7")
        page.run()
        assert not page.exception
        assert any(f"Version V{number + 1}" in text.value for text in page.markdown)
        assert page.multiselect(key="level_country").value == []


def test_render_leaves_no_connection_open(published, versions):
    opened_page("Customers")
    with duckdb.connect(str(published / versions[-1].name)) as connection:
        # a second, writing connection to a file that is open to be read would be refused
        connection.execute("create table proof (x integer)")


def test_tables_of_the_app_are_those_that_the_models_promise(root):
    import published_file

    promised = {}
    for path in [*(root / "models").rglob("*.yml"), *(root / "snapshots").rglob("*.yml")]:
        content = read_yaml(path) or {}
        for node in [*content.get("models", []), *content.get("snapshots", [])]:
            promised[node["name"]] = {
                column["name"]: column.get("data_type") for column in node.get("columns", [])
            }
    read = {k: v for k, v in published_file.TABLES.items() if k in promised}
    assert set(published_file.TABLES) - set(read) <= {"publication"}
    del read["feature_snapshot"]
    for table, columns in read.items():
        assert {name: promised[table].get(name) for name in columns} == columns, table


# ---------- in a browser


@pytest.fixture
def server(published):
    """Start the app as a user would, on a free port of this machine; return its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP / "app.py")]
    process = subprocess.Popen(
        [*command, "--server.port", str(port), "--", str(published / "segmentation.duckdb")],
        cwd=published,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                    f"{address}/_stcore/health", timeout=2
                ).close()
                break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None, "the server has ended"
                time.sleep(0.25)
        yield address, port
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def browser_page():
    """Return a page of Chromium, and what went wrong on it."""
    if not CHROMIUM:
        pytest.skip("there is no chromium on this machine: install the Debian package")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        errors, hosts = [], set()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        yield page, errors, hosts
        browser.close()


def settled(page):
    """Wait until the app has finished its run, and return how many exception boxes it shows."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_selector('[data-testid="stMetric"], [data-testid="stAlert"]')
    return page.locator('[data-testid="stException"]').count()


def test_app_in_a_browser_through_three_versions(server, browser_page, published, versions):
    import published_file

    (address, _), (page, errors, hosts) = server, browser_page
    for number, version in enumerate(versions, start=1):
        publish(published, version)
        page.goto(address)
        page.get_by_text(f"Version V{number} ·").wait_for()
        assert settled(page) == 0
        for view in ("Customers", "Compare two builds", "Overview"):
            page.get_by_test_id("stRadio").get_by_text(view, exact=True).click()
            page.locator(
                {
                    "Overview": '[data-testid="stPlotlyChart"]',
                    "Customers": '[data-testid="stDownloadButton"]',
                    "Compare two builds": '[data-testid="stAlert"]'
                    if number == 1
                    else '[data-testid="stPlotlyChart"] .sankey',
                }[view]
            ).first.wait_for()
            assert settled(page) == 0
            if version == versions[-1]:
                violations = Axe().run(page).response["violations"]
                assert [(found["id"], found["nodes"]) for found in violations] == []

    # a filter, and the list that it leaves
    page.get_by_test_id("stRadio").get_by_text("Customers", exact=True).click()
    page.get_by_label("Country").click()
    page.get_by_role("option", name="Ireland").click()
    page.keyboard.press("Escape")
    expected = sql(versions[-1], "select count(*) from feature_snapshot where country = 'Ireland'")
    button = page.get_by_role("button", name=f"Download these {expected[0][0]:,} customers as CSV")
    button.wait_for()
    assert settled(page) == 0
    with page.expect_download() as download:
        button.click()
    assert Path(download.value.path()).read_bytes() == published_file.campaign_csv(
        versions[-1], None, [], {"country": ["Ireland"]}, "", builds_of(versions[-1])[0].as_of
    )
    assert settled(page) == 0
    assert errors == []
    # neither fonts nor statistics: nothing leaves the machine
    assert hosts - {None} == {"127.0.0.1"}


def test_server_listens_on_this_machine_only(server):
    _, port = server
    listening = [
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).is_file()
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
    ]
    if not listening:
        pytest.skip("this system does not list its sockets in /proc/net")
    assert listening == [f"0100007F:{port:04X}"]
