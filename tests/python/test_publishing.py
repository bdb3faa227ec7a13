"""What others read is whole: published files, their links, and readers while builds run."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest
import yaml
from corner_shop import clean_lines, write_lines
from customer_segmentation import publishing
from customer_segmentation.publishing import Options, publish
from customer_segmentation.warehouse import publish as publish_run
from project_runner import read_yaml

FACTS = {
    "run_at": datetime(2025, 6, 1, 4),
    "as_of": datetime(2025, 6, 1),
    "model_version": 3,
    "package_version": "0.1.0",
}
# In CI a few builds; `make publishing-proof` sets twenty.
BUILDS = int(os.environ.get("SEGMENTATION_PUBLISHING_BUILDS", "4"))
# Only the build that shall fail needs the tests of the package.
UNTESTED = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
TESTED = ("--exclude-resource-type", "unit_test")


@pytest.fixture
def warehouse():
    """Return a database with two tables."""
    connection = duckdb.connect()
    connection.execute("create table a as select range as x, 'it''s' as y from range(5)")
    connection.execute("create table b as select 1.5::decimal(38, 4) as amount, [1, 2] as list")
    return connection


def options(folder, **changes):
    values = {
        "path": str(folder),
        "formats": "duckdb",
        "tables": (),
        "versions": 2,
        "storage_version": "v1.4.0",
    }
    return Options(**{**values, **changes})


def published(warehouse, folder, **changes):
    selects = {name: f"select * from {name}" for name in ("a", "b")}
    return publish(warehouse.cursor(), selects, options(folder, **changes), FACTS)


def query(file, text):
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(text).fetchall()


def test_file_holds_the_tables_and_what_they_are(warehouse, tmp_path):
    rows = published(warehouse, tmp_path / "it's here")
    link = tmp_path / "it's here" / "segmentation.duckdb"
    assert not os.path.isabs(os.readlink(link))
    for table in ("a", "b"):
        assert sorted(query(link, f"from {table}")) == sorted(
            warehouse.execute(f"from {table}").fetchall()
        )
    ((version, published_at, *facts),) = query(link, "from publication")
    assert facts == [FACTS["run_at"], 3, FACTS["as_of"], "0.1.0"]
    assert f"{published_at:%Y%m%dT%H%M%S%f}Z" == version
    assert os.readlink(link) == f"segmentation-{version}.duckdb"
    assert [(row["table_name"], row["table_rows"]) for row in rows] == [("a", 5), ("b", 1)]
    assert {row["file_bytes"] for row in rows} == {link.stat().st_size}


def test_parquet_has_a_folder_a_version(warehouse, tmp_path):
    published(warehouse, tmp_path, formats=("duckdb", "parquet"), tables=("b",))
    assert sorted(path.name for path in (tmp_path / "segmentation").iterdir()) == [
        "b.parquet",
        "publication.parquet",
    ]
    file = tmp_path / "segmentation" / "b.parquet"
    assert duckdb.sql(f"from '{file}'").fetchall() == warehouse.execute("from b").fetchall()
    tables = query(tmp_path / "segmentation.duckdb", "select table_name from duckdb_tables()")
    assert sorted(tables) == [("b",), ("publication",)]


def test_newest_versions_are_kept(warehouse, tmp_path):
    versions = [published(warehouse, tmp_path)[0]["version"] for _ in range(4)]
    kept = sorted(path.name for path in tmp_path.glob("segmentation-*"))
    assert kept == [f"segmentation-{version}.duckdb" for version in versions[-2:]]
    assert not list(tmp_path.glob(".segmentation*"))


def test_open_reader_keeps_the_version_that_he_opened(warehouse, tmp_path):
    published(warehouse, tmp_path, versions=1)
    with duckdb.connect(str((tmp_path / "segmentation.duckdb").resolve()), read_only=True) as old:
        before = old.execute("from publication").fetchall()
        published(warehouse, tmp_path, versions=1)
        assert old.execute("from publication").fetchall() == before
        assert old.execute("select count(*) from a").fetchone() == (5,)
    assert query(tmp_path / "segmentation.duckdb", "from publication") != before


@pytest.mark.parametrize("step", ["_sync", "_switch", "_facts"])
def test_failure_leaves_the_published_version(warehouse, tmp_path, monkeypatch, step):
    published(warehouse, tmp_path)
    before = query(tmp_path / "segmentation.duckdb", "from publication")

    def fail(*_):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(publishing, step, fail)
        with pytest.raises(OSError, match="disk full"):
            published(warehouse, tmp_path)
    assert query(tmp_path / "segmentation.duckdb", "from publication") == before
    assert not list(tmp_path.glob(".segmentation*"))
    published(warehouse, tmp_path)
    assert query(tmp_path / "segmentation.duckdb", "from publication") != before
    assert not list(tmp_path.glob(".segmentation*"))


def test_path_that_is_a_file_is_named(warehouse, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"segmentation_publish_path is .*file, and no file can be"):
        published(warehouse, tmp_path / "file")


def test_table_that_is_not_there_is_named_with_the_remedy(warehouse, tmp_path):
    def relations():
        return {"segments_snapshot": warehouse.query("select * from segments_snapshot")}

    with pytest.raises(ValueError, match=r"segments_snapshot does not exist.*run `dbt build`"):
        publish_run(warehouse.cursor(), relations, relations, options(tmp_path), "0.1.0")
    unpublished = options(None, path=None)
    assert publish_run(warehouse.cursor(), relations, relations, unpublished, "0.1.0") == []


@pytest.mark.parametrize("formats", ["duckdb", "parquet"])
def test_no_version_holds_a_forgotten_customer(warehouse, tmp_path, formats):
    selects = {"people": "select unnest(['Ann', 'Bob']) as customer_id"}
    choice = options(tmp_path, formats=formats, versions=5)
    publish(warehouse.cursor(), selects, choice, FACTS)
    # refused, with what was published left as it is
    with pytest.raises(ValueError, match="tables to publish still hold"):
        publish(warehouse.cursor(), selects, choice, FACTS, ["Ann"])
    (before,) = tmp_path.glob("segmentation-*")
    clean = {"people": "select 'Bob' as customer_id"}
    publish(warehouse.cursor(), clean, choice, FACTS, ["Cyd"])
    assert len(list(tmp_path.glob("segmentation-*"))) == 2
    publish(warehouse.cursor(), clean, choice, FACTS, ["Ann"])
    assert len(list(tmp_path.glob("segmentation-*"))) == 2
    assert not before.exists()


def test_format_that_is_published_no_longer_loses_its_last_version_and_its_link(
    warehouse, tmp_path
):
    selects = {"people": "select 'Ann' as customer_id"}
    publish(warehouse.cursor(), selects, options(tmp_path, formats="parquet"), FACTS)
    publish(warehouse.cursor(), {"a": "select * from a"}, options(tmp_path), FACTS, ["Ann"])
    assert not (tmp_path / "segmentation").is_symlink()
    assert query(tmp_path / "segmentation.duckdb", "select count(*) from a") == [(5,)]


# ---------- the package


def test_all_public_tables_are_published(root):
    public = {"feature_snapshot", "segments_snapshot"}
    for path in (root / "models").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            if model.get("config", {}).get("access") == "public":
                public.add(model["name"])
    text = (root / "models" / "publishing" / "publications.py").read_text(encoding="utf-8")
    assert {name for name in public if f'"{name}": dbt.ref("{name}")' in text} == public
    # ... and nothing else but the customers to forget, who are read and not published
    assert text.count("dbt.ref(") == len(public) + text.count('dbt.ref("stg_forgotten")')


READER = """
import json, pathlib, sys, time
import duckdb

link, stop = map(pathlib.Path, sys.argv[1:])
seen, errors, mixed, reads = [], [], [], 0
while not stop.exists():
    if not link.exists():
        time.sleep(0.05)
        continue
    try:
        with duckdb.connect(str(link.resolve()), read_only=True) as connection:
            version, run_at, as_of, model = connection.execute(
                "select version, run_at, as_of, model_version from publication"
            ).fetchone()
            found = connection.execute('''
                select
                    (select list(distinct as_of) from segments),
                    (select list(distinct model_version) from segments),
                    (select max(run_at) from segment_builds),
                    (select count(*) from segments) - (select sum(customers) from segment_profiles),
                    (select count(*) from feature_snapshot) - (select count(*) from segments)
            ''').fetchone()
    except Exception as error:
        errors.append(repr(error))
        continue
    reads += 1
    if found != ([as_of], [model], run_at, 0, 0):
        mixed.append(repr(found))
    if not seen or seen[-1] != [version, str(as_of)]:
        seen.append([version, str(as_of)])
    time.sleep(0.01)
print(json.dumps({"seen": seen, "errors": errors, "mixed": mixed, "reads": reads}))
"""


# Somebody who opened the first version, and never closes it.
HOLDER = """
import json, pathlib, sys, time
import duckdb

link, stop = map(pathlib.Path, sys.argv[1:])
while not link.exists() and not stop.exists():
    time.sleep(0.05)
file = link.resolve()
connection = duckdb.connect(str(file), read_only=True)
names = sorted(row[0] for row in connection.execute("show tables").fetchall())
rows = "select string_agg(t::varchar, ';' order by t::varchar) from {} as t"
states, reads = [], 0
while not stop.exists() or reads < 2:
    state = [connection.execute(rows.format(name)).fetchone() for name in names]
    states += [] if state in states else [state]
    reads += 1
    time.sleep(0.5)
print(json.dumps({"states": len(states), "reads": reads, "is_there": file.exists()}))
"""

# Somebody who reads the file that dbt writes, instead of what is published. He leaves it alone for
# most of the time: a build that never finds it free gives up.
INTRUDER = """
import json, pathlib, sys, time
import duckdb

file, schema, stop = sys.argv[1:]
seen, refused, errors = [], [], []
while not pathlib.Path(stop).exists():
    if not pathlib.Path(file).exists():
        time.sleep(0.05)
        continue
    start = time.monotonic()
    try:
        with duckdb.connect(file, read_only=True) as connection:
            found = connection.execute(
                f"select list(distinct (as_of, model_version))::varchar[] from {schema}.segments"
            ).fetchone()[0]
            if found not in seen[-1:]:
                seen.append(found)
    except duckdb.IOException as error:
        refused.append(str(error))
    except Exception as error:
        errors.append(repr(error))
    time.sleep(min(20, 0.05 + 20 * (time.monotonic() - start)))
print(json.dumps({"seen": seen, "refused": refused, "errors": errors}))
"""


@pytest.fixture(scope="module")
def shop(corner_shop):
    project = corner_shop.variant("publishing", {"segmentation_k": 3})
    # as in profiles.yml of the package: a build waits for whoever reads its own file
    (profile,) = read_yaml(project.scratch / "profiles.yml").items()
    profile[1]["outputs"]["dev"]["retries"] = {"connect_attempts": 5}
    (project.scratch / "profiles.yml").write_text(yaml.safe_dump(dict([profile])))
    return project


def started(text, *arguments):
    """Start a reader, a process of its own that prints what it has seen once it is stopped."""
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def history(shop):
    """Build again and again while other processes read; return what they saw, and the builds."""
    settings = {
        "segmentation_publish_path": str(shop.scratch / "published"),
        "segmentation_publish_versions": 2,
    }
    project = replace(shop, settings=shop.settings | settings)
    link = shop.scratch / "published" / "segmentation.duckdb"
    stop = shop.scratch / "stop"
    readers = {
        "poller": started(READER, link, stop),
        "holder": started(HOLDER, link, stop),
        "intruder": started(INTRUDER, project.database, project.schema, stop),
    }
    good, failed = [], BUILDS // 2
    write_lines(project, clean_lines())
    try:
        for build in range(BUILDS):
            as_of = datetime(2026, 1, 1) + timedelta(days=build)
            changes = {"segmentation_as_of": f"{as_of:%Y-%m-%d}"}
            if build == failed:
                # its tests fail once its tables are written: sizes drift by 0 at least
                changes |= {"segmentation_drift_warn": 0, "segmentation_drift_fail": 0}
            run = replace(project, settings=project.settings | changes)
            outcome = run.dbt("build", *(TESTED if build == failed else UNTESTED))
            assert outcome.returncode == (1 if build == failed else 0), outcome.stdout
            if build == failed:
                assert "segment_sizes_have_not_drifted_away" in outcome.stdout
                assert run.results()["model.customer_segmentation.publications"] == "skipped"
                assert run.value("select max(as_of) from segments") == as_of
            else:
                good.append(str(as_of))
    finally:
        stop.touch()
        found = {name: reader.communicate(timeout=60)[0] for name, reader in readers.items()}
    return {name: json.loads(text) for name, text in found.items()}, good, project, link


def test_reader_sees_each_good_build_and_nothing_else(history):
    found, good = history[0]["poller"], history[1]
    assert found["reads"] > 10 * BUILDS
    assert found["errors"] == []
    assert found["mixed"] == []
    assert [as_of for _, as_of in found["seen"]] == good
    assert max(Counter(version for version, _ in found["seen"]).values()) == 1


def test_reader_who_never_closes_keeps_his_version_after_it_is_removed(history):
    found, _, _, link = history
    assert found["holder"]["reads"] > BUILDS
    assert found["holder"]["states"] == 1
    assert not found["holder"]["is_there"]
    assert len(list(link.parent.glob("segmentation-*.duckdb"))) == 2


def test_reader_of_the_warehouse_is_refused_while_a_build_has_it(history):
    """The one error that he gets is that of the lock, and the builds are none the worse for him."""
    found = history[0]
    assert found["intruder"]["errors"] == []
    assert {"Could not set lock on file" in text for text in found["intruder"]["refused"]} == {True}
    # what he reads in between is whole: one end of observation and one model at a time
    assert {len(runs) for runs in found["intruder"]["seen"]} == {1}
    assert found["intruder"]["seen"][-1][0].startswith("('2026-01-")


def test_published_tables_are_those_of_the_build(history):
    _, _, project, link = history
    log = project.rows("select table_name, table_rows from publications order by published_at desc")
    tables = {table for (table,) in query(link, "select table_name from duckdb_tables()")}
    assert tables == {table for table, _ in log} | {"publication"}
    differing = {}
    with duckdb.connect(str(project.database), read_only=True) as connection:
        connection.execute(f"set file_search_path = '{project.scratch}'")
        connection.execute(f"attach '{link.resolve()}' as published (read_only)")
        for table in sorted(tables - {"publication"}):
            own, other = f'{project.schema}."{table}"', f'published.main."{table}"'
            ((count,),) = connection.execute(
                f"select (select count(*) from (from {own} except all from {other})) "
                f"+ (select count(*) from (from {other} except all from {own}))"
            ).fetchall()
            if count:
                differing[table] = count
    assert differing == {}


@pytest.mark.parametrize("driver", ["1.4", "1.5", "2.0"])
def test_older_drivers_open_the_file(history, tmp_path, driver):
    _, good, _, link = history
    subprocess.run([sys._base_executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
    subprocess.run([*install, f"duckdb=={driver}.*"], check=True)
    text = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "print(duckdb.__version__, c.execute('select max(as_of)::text from segments').fetchone())"
    )
    found = subprocess.run(
        [python, "-c", text, link], check=True, capture_output=True, text=True
    ).stdout
    assert found.startswith(f"{driver}.")
    assert good[-1] in found


def test_unknown_table_is_named_before_any_work(shop):
    settings = {"segmentation_publish_tables": ["segmets"]}
    outcome = replace(shop, settings=shop.settings | settings).dbt("build")
    assert outcome.returncode == 2
    assert "names segmets, which is not published: write segments, if that" in outcome.stdout


# ---------- the embedded database


def test_build_waits_for_a_short_reader_of_its_own_file(root, tmp_path):
    """The retries of profiles.yml: a second process holds the file for a moment."""
    output = yaml.safe_load((root / "profiles.yml").read_text(encoding="utf-8"))
    assert output["customer_segmentation"]["outputs"]["dev"]["retries"] == {"connect_attempts": 5}
    file = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(file)).close()
    holder = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import duckdb, sys, time; c = duckdb.connect(sys.argv[1], read_only=True); "
            "print('open', flush=True); time.sleep(12)",
            str(file),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "open\n"
    outcome = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "dbt"), "debug", "--connection"],
        cwd=tmp_path,
        env={
            **os.environ,
            "DBT_PROJECT_DIR": str(root),
            "DBT_PROFILES_DIR": str(root),
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
            "SEGMENTATION_DATABASE": str(file),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    holder.wait()
    assert outcome.returncode == 0, outcome.stdout
