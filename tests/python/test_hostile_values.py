"""Data are never executed: hostile texts in every text column come out as they went in.

Settings are SQL of the project's owner, and dbt renders them; what stands in a table is a value to
SQL and to nobody else. The texts are those of tests/bad_inputs/hostile.yml, in the columns of every
table that the package reads: ids, dimensions, attributes, events, campaigns, names, actions and
reasons.
"""

import csv
from datetime import datetime, timedelta
from html.parser import HTMLParser

import duckdb
import pytest
from bad_inputs import read_catalogue, sound_lines
from customer_segmentation.report import render
from project_runner import WITHOUT_TESTS, install

TEXTS = [entry["text"] for entry in read_catalogue("hostile")]
START = datetime(2025, 1, 1)


def text(number):
    """Return a hostile text; neighbours get different ones."""
    return TEXTS[number % len(TEXTS)]


def lines():
    """Return the sound lines with hostile dimensions, and three orders of each hostile customer."""
    sound = [
        line
        | {
            "product_id": text(number),
            "category": text(int(line["customer_id"])),
            "channel": text(int(line["customer_id"]) + 7),
            "country": text(int(line["customer_id"]) + 11),
        }
        for number, line in enumerate(sound_lines())
    ]
    hostile = [
        {
            "line_id": f"{name} {visit}",
            "order_id": f"{visit} {name}",
            "customer_id": name,
            "ordered_at": f"2025-0{1 + (number + 2 * visit) % 9}-1{visit}",
            "product_id": name,
            "category": text(number + visit),
            "channel": text(number + 3),
            "country": text(number + 5),
            "quantity": str(1 + number % 3),
            "unit_price": f"{1 + number % 7}.50",
        }
        for number, name in enumerate(TEXTS)
        for visit in range(3)
    ]
    unusable = [line | {"quantity": line["customer_id"], "line_id": None} for line in hostile[::3]]
    return sound + hostile + unusable


def tables(root):
    """Return the other tables that the package reads, by name: columns and rows."""
    customers = [*TEXTS, *(str(number) for number in range(1, 51))]
    with (root / "seeds" / "reference" / "segment_actions.csv").open(encoding="utf-8") as file:
        actions = list(csv.DictReader(file))
    return {
        "people": (
            ["customer_id", "town", "motto"],
            [(name, text(n), text(n + 1)) for n, name in enumerate(customers)],
        ),
        "events": (
            ["customer_id", "event_at", "event_type"],
            [
                (name, str(START + timedelta(days=n + turn)), text(n + turn))
                for n, name in enumerate(customers)
                for turn in range(2)
            ],
        ),
        "contacts": (
            ["customer_id", "campaign_id", "contacted_at", "responded_at"],
            [
                (name, text(n), str(START + timedelta(days=n)), text(n) if n % 2 else None)
                for n, name in enumerate(customers)
            ],
        ),
        "names": (
            ["segment_id", "segment_name", "comment"],
            [(str(segment), text(segment * 5 + 9), text(segment)) for segment in range(1, 5)],
        ),
        "actions": (
            list(actions[0]),
            [
                (row["rfm_segment"], *(text(n * 7 + place) for place in range(len(row) - 1)))
                for n, row in enumerate(actions)
            ],
        ),
        "overrides": (
            ["customer_id", "segment_id", "reason", "expires_on"],
            [
                (name, str(1 + n % 4) if n < 8 else name, name, None if n < 6 else name)
                for n, name in enumerate(TEXTS)
            ],
        ),
    }


SETTINGS = {
    "segmentation_drop_exact_duplicates": True,
    "segmentation_customers": "read_parquet('people.parquet')",
    "segmentation_attributes": ["town"],
    "segmentation_profile_attributes": ["motto"],
    "segmentation_events": "read_parquet('events.parquet')",
    "segmentation_campaigns": "read_parquet('contacts.parquet')",
    "segmentation_name_overrides": "read_parquet('names.parquet')",
    "segmentation_actions": "read_parquet('actions.parquet')",
    "segmentation_overrides": "read_parquet('overrides.parquet')",
    "segmentation_features": [
        "recency_days",
        "frequency",
        "monetary",
        "favourite_category",
        "town",
    ],
    "segmentation_min_level_share": 0.01,
    "segmentation_k": 4,
    "segmentation_publish_path": "published",
}


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """Return the project after a whole build on hostile values."""
    project = install(
        "nightly_shop", root, tmp_path_factory.mktemp("hostile"), "shop_segmentation"
    ).variant("built", SETTINGS)
    with duckdb.connect() as connection:
        columns = list(lines()[0])
        given = {"lines": (columns, [tuple(line.values()) for line in lines()])} | tables(root)
        for name, (columns, rows) in given.items():
            connection.execute(
                f"create table {name} ({', '.join(f'{column} varchar' for column in columns)})"
            )
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"insert into {name} values ({marks})", rows)
            connection.execute(f"copy {name} to '{project.scratch / name}.parquet'")
    return project.build(*WITHOUT_TESTS)


def test_nothing_was_made_that_the_package_does_not_make(built):
    nodes = [node for node in built.manifest()["nodes"].values() if node.get("relation_name")]
    known = {node["relation_name"].replace('"', "").split(".", 1)[1] for node in nodes}
    found = built.rows(
        "select schema_name || '.' || table_name from duckdb_tables() where not internal "
        "union all select schema_name || '.' || view_name from duckdb_views() where not internal"
    )
    assert {name for (name,) in found} - known == set()
    assert [path for path in built.scratch.rglob("*") if "pwned" in path.name] == []
    assert not list(built.folder.glob("*pwned*"))


def test_no_value_got_into_a_statement(built):
    statements = [
        path
        for folder in ("compiled", "run")
        for path in (built.scratch / "target" / folder).rglob("*")
        if path.is_file()
    ]
    assert len(statements) > 150
    assert [path for path in statements if "pwned" in path.read_text(encoding="utf-8")] == []
    assert "pwned" not in (built.scratch / "target" / "manifest.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "query",
    [
        "select customer_id from segments",
        "select substr(order_id, 3) from customer_orders",
        "select product_id from stg_transactions",
        "select quantity_text from rejected_transactions where reject_reason = 'missing_quantity'",
        "select favourite_category from feature_snapshot",
        "select favourite_channel from feature_snapshot",
        "select country from feature_snapshot",
        "select town from feature_snapshot",
        "select motto from stg_customers",
        "select event_type from stg_events",
        "select campaign_id from segment_campaigns",
        "select reason from segment_overrides",
    ],
)
def test_every_text_comes_out_as_it_went_in(built, query):
    assert {value for (value,) in built.rows(query)} >= set(TEXTS)


def test_names_and_actions_come_out_as_they_went_in(built):
    names = {name for (name,) in built.rows("select segment_name from segments")}
    assert names == {text(segment * 5 + 9) for segment in range(1, 5)}
    actions = built.rows(
        "select goal, message, action, channel, offer, metric from segment_profiles"
    )
    assert actions
    assert {value for row in actions for value in row} <= set(TEXTS)


def test_rules_with_hostile_levels_are_sound_sql(built):
    rules = built.rows("select predicate, customers from segment_rules")
    assert len(rules) > 2
    assert any("pwned" in predicate for predicate, _ in rules)
    for predicate, customers in rules:
        query = f"select count(*) from customer_features where {predicate}"
        assert built.value(query) == customers, predicate


class Page(HTMLParser):
    """What a browser would run or load of a page: handlers, links, and scripts."""

    def __init__(self, html):
        super().__init__()
        self.handlers, self.links, self.scripts = [], [], []
        self.is_script = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self.is_script = tag == "script"
        self.scripts += [""] * self.is_script

    def handle_endtag(self, tag):
        self.is_script = False

    def handle_data(self, data):
        if self.is_script:
            self.scripts[-1] += data


def test_report_shows_the_texts_and_runs_none(built):
    html = render(built.scratch / "published")
    assert "pwned" in html
    page = Page(html)
    assert page.handlers == []
    assert [link for link in page.links if link is None or "pwned" in link or link == "x"] == []
    assert [script for script in page.scripts if script.lstrip().startswith("pwned")] == []
    # one of the texts ends a script, another opens a comment in which the end of a script is lost
    for script in page.scripts:
        if "pwned" in script:
            assert "<!--" not in script
    assert len(page.scripts) == html.count("<script")
