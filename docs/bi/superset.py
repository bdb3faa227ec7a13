"""Connect Apache Superset to a published file: database, datasets, three charts and a dashboard.

`python docs/bi/superset.py published/segmentation.duckdb --server .tools/superset/bin/superset`
starts a Superset of its own on loopback, asks each chart for its data, compares that with what
DuckDB reads from the file and stops the server; with `--picture` it looks at the dashboard in
Chromium too. To set up a Superset that runs already, leave `--server` out and give its address
with `--url`; who may log in stands in the environment variables SUPERSET_USER and
SUPERSET_PASSWORD.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import duckdb
import requests

CONFIG = Path(__file__).with_name("superset_config.py")
DASHBOARD = "Customer segments"
MINUTES_TO_START = 3
COLOURS = "supersetColors"


def total(column):
    """Return a metric of Superset: the sum of a column."""
    return {
        "expressionType": "SIMPLE",
        "column": {"column_name": column},
        "aggregate": "SUM",
        "label": column,
    }


def only(column, operator, value):
    """Return a filter of Superset on one column."""
    return {
        "expressionType": "SIMPLE",
        "clause": "WHERE",
        "subject": column,
        "operator": operator,
        "comparator": value,
    }


# Each chart: its table, its kind, how it is drawn, what it asks, and the same question in SQL.
CHARTS = {
    "Revenue by segment, in rank order": (
        "segment_overview",
        "echarts_timeseries_bar",
        {
            "x_axis": "segment_label",
            "metrics": [total("revenue")],
            "orientation": "horizontal",
            "x_axis_sort": "segment_label",
            "x_axis_sort_asc": False,
            "show_value": True,
            "show_legend": False,
            "y_axis_format": ",.0f",
            "color_scheme": COLOURS,
        },
        {"columns": ["segment_label"], "metrics": [total("revenue")]},
        "select segment_label, revenue from segment_overview",
    ),
    "Customers by segment": (
        "segment_overview",
        "echarts_timeseries_bar",
        {
            "x_axis": "segment_label",
            "metrics": [total("customers")],
            "orientation": "horizontal",
            "x_axis_sort": "segment_label",
            "x_axis_sort_asc": False,
            "show_value": True,
            "show_legend": False,
            "y_axis_format": ",.0f",
            "color_scheme": COLOURS,
        },
        {"columns": ["segment_label"], "metrics": [total("customers")]},
        "select segment_label, customers from segment_overview",
    ),
    "Customers who bought, by month": (
        "segment_kpis",
        "echarts_timeseries_line",
        {
            "x_axis": "period_start",
            "time_grain_sqla": "P1M",
            "groupby": ["segment_name"],
            "metrics": [total("active_customers")],
            "adhoc_filters": [only("scope", "==", "segment"), only("period", "!=", "all")],
            "show_legend": True,
            "legendType": "scroll",
            "legendOrientation": "bottom",
            "color_scheme": COLOURS,
        },
        {
            "columns": ["period", "segment_name"],
            "metrics": [total("active_customers")],
            "filters": [
                {"col": "scope", "op": "==", "val": "segment"},
                {"col": "period", "op": "!=", "val": "all"},
            ],
        },
        """
        select period, segment_name, active_customers
        from segment_kpis
        where scope = 'segment' and period != 'all'
        """,
    ),
}


class Superset:
    """The REST API of a Superset.

    Parameters
    ----------
    url : str. Address without a slash at its end.
    user, password : str. Somebody who may create databases.
    """

    def __init__(self, url, user, password):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        login = {"username": user, "password": password, "provider": "db"}
        token = self.call("POST", "security/login", login)["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        # Whoever changes something shows a second token, and where he comes from.
        csrf = self.call("GET", "security/csrf_token/")["result"]
        self.session.headers.update({"X-CSRFToken": csrf, "Referer": url})

    def call(self, method, path, content=None):
        """Return the answer as a dict; raise RuntimeError with Superset's own words."""
        answer = self.session.request(method, f"{self.url}/api/v1/{path}", json=content, timeout=60)
        if not answer.ok:
            raise RuntimeError(f"Superset answers {answer.status_code} to {path}: {answer.text}")
        return answer.json()

    def create(self, kind, content) -> int:
        """Create a database, dataset, chart or dashboard, and return its id."""
        return self.call("POST", f"{kind}/", content)["id"]

    def rows(self, dataset, question) -> list[dict]:
        """Return the rows that a chart with this question would draw."""
        content = {
            "datasource": {"id": dataset, "type": "table"},
            "queries": [{"row_limit": 10_000, **question}],
            "force": True,
        }
        return self.call("POST", "chart/data", content)["result"][0]["data"]


def layout(charts):
    """Return the position of the charts on the dashboard: two in the first row, one below."""
    names = list(charts)
    rows = [names[:2], names[2:]]
    position = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {
            "type": "GRID",
            "id": "GRID_ID",
            "children": [f"ROW-{row}" for row in range(len(rows))],
            "parents": ["ROOT_ID"],
        },
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": DASHBOARD}},
    }
    for row, members in enumerate(rows):
        position[f"ROW-{row}"] = {
            "type": "ROW",
            "id": f"ROW-{row}",
            "children": [f"CHART-{charts[name]}" for name in members],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for name in members:
            position[f"CHART-{charts[name]}"] = {
                "type": "CHART",
                "id": f"CHART-{charts[name]}",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", f"ROW-{row}"],
                "meta": {
                    "chartId": charts[name],
                    "sliceName": name,
                    "width": 12 // len(members),
                    "height": 42,
                },
            }
    return position


def set_up(superset, published) -> int:
    """Create everything, compare the data of each chart with the file, return the dashboard's id.

    Raises
    ------
    AssertionError: a chart would show something else than DuckDB reads from the file.
    """
    read_only = {"engine_params": {"connect_args": {"read_only": True}}}
    database = superset.create(
        "database",
        {
            "database_name": "Customer segmentation",
            "sqlalchemy_uri": f"duckdb:///{published}",
            "extra": json.dumps(read_only),
        },
    )
    # No catalog: DuckDB calls it by the name of the version, which changes with each publication.
    datasets = {
        table: superset.create(
            "dataset", {"database": database, "schema": "main", "table_name": table}
        )
        for table in sorted({table for table, *_ in CHARTS.values()})
    }
    charts = {}
    for name, (table, kind, drawing, question, sql) in CHARTS.items():
        with duckdb.connect(str(published), read_only=True) as file:
            expected = sorted(file.execute(sql).fetchall())
        shown = [tuple(row.values()) for row in superset.rows(datasets[table], question)]
        same = [(*keys, float(value)) for *keys, value in expected]
        assert sorted((*keys, float(value)) for *keys, value in shown) == same, name
        print(f"{name}: {len(shown)} rows, as DuckDB reads them")
        charts[name] = superset.create(
            "chart",
            {
                "slice_name": name,
                "viz_type": kind,
                "datasource_id": datasets[table],
                "datasource_type": "table",
                "params": json.dumps({"viz_type": kind, "row_limit": 10_000, **drawing}),
            },
        )
    dashboard = superset.create(
        "dashboard",
        {
            "dashboard_title": DASHBOARD,
            "position_json": json.dumps(layout(charts)),
            "published": True,
        },
    )
    for chart in charts.values():
        superset.call("PUT", f"chart/{chart}", {"dashboards": [dashboard]})
    return dashboard


def picture(url, user, password, dashboard, path) -> None:
    """Save the dashboard as it looks in Chromium.

    Raises
    ------
    AssertionError: a chart is not drawn, or shows an error in its place.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"],
        )
        page = browser.new_page(viewport={"width": 1360, "height": 800})
        page.goto(f"{url}/login/")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/login" not in address)
        page.goto(f"{url}/superset/dashboard/{dashboard}/?standalone=1")
        page.wait_for_function(
            f"document.querySelectorAll('canvas').length >= {len(CHARTS)}", timeout=90_000
        )
        page.wait_for_function("document.querySelectorAll('.loading').length === 0")
        page.wait_for_timeout(3_000)
        errors = page.locator("[role=alert]:visible, .ant-alert-error").all_inner_texts()
        drawn = page.locator("canvas:visible").count()
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path)
        browser.close()
    assert drawn == len(CHARTS), f"{drawn} charts are drawn, see {path}"
    assert not errors, errors
    print(f"{drawn} charts drawn without an error: {path}")


@contextmanager
def server(program, user, password):
    """Run a Superset with a folder of its own, give its address, and end it."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        environment = {
            **os.environ,
            "FLASK_APP": "superset",
            "SUPERSET_HOME": home,
            "SUPERSET_CONFIG_PATH": str(CONFIG),
            "SUPERSET_SECRET_KEY": secrets.token_urlsafe(42),
        }
        admin = ["--username", user, "--password", password, "--email", "admin@example.com"]
        log = Path(home) / "superset.log"
        with log.open("wb") as output:

            def superset(*words):
                return subprocess.Popen(
                    [program, *words], env=environment, stdout=output, stderr=output
                )

            for words in (
                ["db", "upgrade"],
                ["fab", "create-admin", "--firstname", "A", "--lastname", "B", *admin],
                ["init"],
            ):
                if superset(*words).wait(60 * MINUTES_TO_START) != 0:
                    raise RuntimeError(f"superset {words[0]} fails: {log.read_text()[-2000:]}")
            process = superset("run", "--host", "127.0.0.1", "--port", port, "--with-threads")
            try:
                yield wait_for(f"http://127.0.0.1:{port}", process, log)
            finally:
                process.terminate()
                process.wait(30)


def wait_for(url, process, log) -> str:
    """Return the address as soon as the server answers."""
    for _ in range(60 * MINUTES_TO_START):
        if process.poll() is not None:
            break
        try:
            requests.get(f"{url}/health", timeout=5).raise_for_status()
            return url
        except requests.RequestException:
            time.sleep(1)
    raise RuntimeError(f"Superset does not start: {log.read_text()[-2000:]}")


def main() -> None:
    """Set up a Superset, one that runs or one started for the purpose."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("published", type=Path, help="the published file, segmentation.duckdb")
    parser.add_argument("--url", default="http://127.0.0.1:8088", help="a Superset that runs")
    parser.add_argument("--server", help="the program superset, to start one for the purpose")
    parser.add_argument("--picture", type=Path, help="where to save a picture of the dashboard")
    options = parser.parse_args()
    # The link, not the file behind it: that one is replaced by the next publication.
    published = options.published.absolute()
    user = os.environ.get("SUPERSET_USER", "admin")

    def run(url, password):
        dashboard = set_up(Superset(url, user, password), published)
        if options.picture:
            picture(url, user, password, dashboard, options.picture)
        print(f"Dashboard: {url}/superset/dashboard/{dashboard}/")

    if options.server:
        password = secrets.token_urlsafe(16)
        with server(options.server, user, password) as url:
            run(url, password)
    else:
        run(options.url, os.environ["SUPERSET_PASSWORD"])


if __name__ == "__main__":
    main()
