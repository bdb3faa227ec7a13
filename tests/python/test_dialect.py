"""Every macro of macros/dialect means the same on DuckDB and on Spark.

dbt renders the cases of dialect_cases.py once with the macros of each engine, and both run them.
"""

import json
import math
import re
import shutil
from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest
from dbt.context.providers import BaseDatabaseWrapper
from dbt_session import invoke
from dialect_cases import CASES, NO_EXPRESSIONS, PERIODS

# dbt itself compiles on DuckDB, whatever it compiles for
ENGINES = {"duckdb": ["duckdb", "default"], "spark": ["spark", "duckdb", "default"]}
BETWEEN = "\n-- the next case --\n"
ASKED = [(macro, name) for macro, cases in CASES.items() for name in cases]


@pytest.fixture(scope="module")
def compiled(demo):
    """Return the cases as SQL, by engine and period of the settings, in the order of ASKED."""
    project = demo.variant("dialect")
    manifest = invoke(project, ["parse"])[0].result
    templates = [CASES[macro][name] for macro, name in ASKED]

    def render(engine, period):
        settings = project.settings | {"segmentation_kpi_period": period}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                BaseDatabaseWrapper, "_get_adapter_macro_prefixes", lambda self: ENGINES[engine]
            )
            result, said = invoke(
                replace(project, settings=settings),
                ["compile", "--inline", BETWEEN.join(templates)],
                manifest,
            )
        assert result.success, said
        return result.result.results[0].node.compiled_code.split(BETWEEN)

    return {engine: {period: render(engine, period) for period in PERIODS} for engine in ENGINES}


@pytest.fixture(scope="module")
def duck():
    """Return DuckDB in memory, in UTC."""
    session = duckdb.connect()
    session.execute("set TimeZone = 'UTC'")
    return session


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """Return a session of Spark as profiles.yml sets it up."""
    sql = pytest.importorskip(
        "pyspark.sql", reason="Spark is not installed: `make test-spark` installs it"
    )
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17, and there is none")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.sql.ansi.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_engines_agree(asked, spark, duck, compiled):
    place = ASKED.index(asked)
    is_json = asked[0] == "row_as_json"
    for period in PERIODS if "period" in asked[0] else PERIODS[:1]:
        sql = compiled["spark"][period][place]
        relation = duck.sql(compiled["duckdb"][period][place])
        frame = spark.sql(sql)
        assert [name.lower() for name in frame.columns] == [n.lower() for n in relation.columns]
        wanted = [[plain(value, is_json) for value in row] for row in relation.fetchall()]
        found = [[plain(value, is_json) for value in row] for row in frame.collect()]
        assert len(found) == len(wanted)
        different = [
            (one, other) for one, other in zip(found, wanted, strict=True) if not same(one, other)
        ]
        assert not different, f"Spark and DuckDB in {len(different)} rows: {different}\n{sql}"


def test_every_macro_of_the_dialect_is_asked(root):
    files = {path.stem: path.read_text() for path in (root / "macros" / "dialect").glob("*.sql")}
    assert set(files) == set(CASES) | NO_EXPRESSIONS
    dispatched = {
        name for stem in CASES for name in re.findall(r"{% macro default__(\w+)\(", files[stem])
    }
    templates = " ".join(template for cases in CASES.values() for template in cases.values())
    assert dispatched - set(re.findall(r"\b(\w+)\(", templates)) == set()


def plain(value, is_json=False):
    """Return a value as both drivers give it: a row as a dict, a JSON text as what it says."""
    if is_json:
        value = json.loads(value, parse_constant=str)
        # a number that is not finite is a text to Spark's JSON
        return {name: None if str(v) in ("inf", "Infinity") else v for name, v in value.items()}
    if hasattr(value, "asDict"):
        value = value.asDict()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def same(one, other):
    """Whether values are equal: doubles to nine digits, everything else exactly."""
    if isinstance(one, float) and isinstance(other, float):
        is_nan = math.isnan(one) and math.isnan(other)
        return is_nan or one == other or math.isclose(one, other, rel_tol=1e-9)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        return one == other and str(one) == str(other)
    return one == other and isinstance(one, bool) == isinstance(other, bool)
