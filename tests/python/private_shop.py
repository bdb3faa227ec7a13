"""The corner shop with long customer ids, so that a search for one finds nothing else."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime, timedelta

import duckdb
from corner_shop import clean_lines, write_lines
from described_shop import write_table

SECRET = "correct horse, battery: 'staple' 2026"
SETTINGS = {
    # an order number that repeats the customer, as the README proposes for orders that have none
    "segmentation_order_id": '"Customer ID" || \'-\' || "order"',
    "segmentation_customers": "read_parquet('people.parquet')",
    "segmentation_customers_key": "member",
    "segmentation_consent_when": "agreed",
    "segmentation_attributes": ["children"],
    "segmentation_profile_attributes": ["town"],
    "segmentation_events": "read_parquet('events.parquet')",
    "segmentation_event_customer_id": "who",
    "segmentation_event_at": "seen_at",
    "segmentation_event_type": None,
    "segmentation_campaigns": "read_parquet('contacts.parquet')",
    "segmentation_campaign_customer_id": "who",
    "segmentation_campaign_id": "campaign",
    "segmentation_campaign_responded_when": "answered",
    "segmentation_overrides": "read_parquet('overrides.parquet')",
    "segmentation_forget": "read_parquet('forget.parquet')",
    "segmentation_forget_key": "who",
    "segmentation_k": 3,
    "segmentation_stability_runs": 0,
}
# What nobody asked to carry along, one value a person.
UNLISTED = {"phone": "phone-of", "Home Address": "address-of"}
# 55 has no orders, 54 has but does not consent, and of 51 to 53 each line is unusable.
SHOPPERS = range(1, 56)


def shopper(number) -> str:
    """Return the id of a customer."""
    return f"shopper-{hashlib.sha256(str(number).encode()).hexdigest()}"


def pseudonym(id_, secret=SECRET) -> str:
    """Return what Python's standard library makes of an id."""
    return hmac.new(secret.encode(), id_.encode(), "sha256").hexdigest()


def lines():
    """Return the lines of 1 to 50, an unusable one of 51 to 53 each, and one of 54."""
    sound = clean_lines()
    rest = [
        {**sound[0], "group": f"9{n}", "order": f"9{n}", "Customer ID": n} for n in range(51, 55)
    ]
    broken = [{**line, "Quantity": "0"} for line in rest[:3]]
    return [
        {**line, "Customer ID": shopper(int(line["Customer ID"]))}
        for line in [*sound, *broken, rest[3]]
    ]


def write_shop(project) -> None:
    """Write every table that SETTINGS name; the one of customers to forget has no row."""
    write_lines(project, lines())
    people = [
        (
            shopper(number),
            number != 54,
            f"Town {number % 3}",
            float(number % 4),
            *(f"{text}-{number:04}" for text in UNLISTED.values()),
        )
        for number in SHOPPERS
    ]
    unlisted = dict.fromkeys(UNLISTED, "varchar")
    declared = {"member": "varchar", "agreed": "boolean", "town": "varchar", "children": "double"}
    write_table(project.scratch / "people.parquet", declared | unlisted, people)
    start = datetime(2025, 1, 1)
    events = [
        (shopper(n), start + timedelta(days=3 * turn)) for n in SHOPPERS for turn in range(n % 4)
    ]
    write_table(
        project.scratch / "events.parquet", {"who": "varchar", "seen_at": "timestamp"}, events
    )
    contacts = [(shopper(n), "spring", date(2025, 3, 1), n % 3 == 0) for n in SHOPPERS]
    write_table(
        project.scratch / "contacts.parquet",
        {"who": "varchar", "campaign": "varchar", "contacted_at": "date", "answered": "boolean"},
        contacts,
    )
    overrides = [(shopper(n), 1, "asked by sales", None) for n in (2, 3)]
    write_table(
        project.scratch / "overrides.parquet",
        {
            "customer_id": "varchar",
            "segment_id": "integer",
            "reason": "varchar",
            "expires_on": "date",
        },
        overrides,
    )
    write_forgotten(project, [])


def write_forgotten(project, numbers) -> None:
    """Write the table of customers to forget."""
    rows = [(shopper(number),) for number in numbers] or [(None,)]
    write_table(project.scratch / "forget.parquet", {"who": "varchar"}, rows)


def found_in_tables(database, texts) -> dict:
    """Return the columns of tables in a DuckDB file that hold one of the texts, with the rows."""
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = connection.execute(
            "select columns.schema_name, columns.table_name, columns.column_name "
            "from duckdb_columns() as columns inner join duckdb_tables() using (table_oid) "
            "where not duckdb_tables.internal"
        ).fetchall()
        connection.execute(
            "create temp table texts as select unnest(?::varchar[]) as text", [texts]
        )
        for schema, table, column in columns:
            rows = connection.execute(
                f'select count(*) from "{schema}"."{table}" as t, texts '
                f'where contains(cast(t."{column}" as varchar), texts.text)'
            ).fetchone()[0]
            if rows:
                found[f"{table}.{column}"] = rows
    return found


def found_in_bytes(path, texts) -> list[str]:
    """Return those of the texts that stand anywhere in a file, or in one below a folder."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    contents = [file.read_bytes() for file in files]
    return [text for text in texts if any(text.encode() in content for content in contents)]
