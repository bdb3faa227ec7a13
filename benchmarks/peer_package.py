"""The package through a real `dbt build`: `python benchmarks/peer_package.py DATA SCRATCH`.

Prints seconds by part, less dbt's own start, the time of `dbt build` in a project without a single
model, with the same profile and just before, and less the imports of the Python models. The first
build in a scratch folder parses the whole project, which counts; a later one finds what dbt kept.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import yaml
from nodes import seconds_of_parts
from process import HERE, run

ROOT = HERE.parent
DBT = Path(sys.executable).with_name("dbt")

# The same work as the peers, and audit, profiles and quality. `+segments` would select the folder.
SAME_WORK = ("--select", "+file:segments.sql", "+segment_profiles", "+segment_quality")
SELECTIONS = {"whole": (), "same": (*SAME_WORK, "--indirect-selection", "cautious")}
# None of the six features reads the products, and no peer counts them.
SETTINGS = {"whole": {}, "same": {"segmentation_product_id": None}}
# What each engine calls a folder of Parquet files.
FILES = {"dev": "read_parquet('{}/*.parquet')", "spark": "parquet.`{}`"}
# What the first Python model finds imported, and what it imports.
IMPORTS = """
import time
import dbt.adapters.duckdb, dbt.cli.main
start = time.perf_counter()
from customer_segmentation import columns, parameters, registry, settings, warehouse
print(time.perf_counter() - start)
"""
EMPTY = {"name": "empty", "version": "1.0.0", "profile": "customer_segmentation"}


def write_profile(folder, target, threads, engine, counts_scans):
    """Write the package's own profile, with what the measurement asks for.

    Parameters
    ----------
    folder : Path
    target : str. `dev` for DuckDB, `spark` for Spark.
    threads : int or None. dbt's threads, if not those of the profile.
    engine : dict. DuckDB settings, such as memory_limit.
    counts_scans : bool. Watch DuckDB's profiler, which costs a little.
    """
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
    profile["customer_segmentation"]["target"] = target
    output = profile["customer_segmentation"]["outputs"][target]
    if target == "dev":
        output["path"] = str(folder / "package.duckdb")
        output["settings"] = output.get("settings", {}) | engine
    if threads:
        output["threads"] = threads
    if counts_scans:
        output["module_paths"] = [str(HERE)]
        output["plugins"] = [{"module": "scan_counter"}]
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")


def dbt(project, folder, *arguments):
    """Run dbt, and return what it cost."""
    environment = {
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(folder),
        "DBT_TARGET_PATH": str(folder / f"target-{project.name}"),
        "DBT_LOG_PATH": str(folder / f"logs-{project.name}"),
        "BENCHMARK_SCANS": str(folder / "scans.jsonl"),
        "SEGMENTATION_SPARK_WAREHOUSE": str(folder / "warehouse"),
        "SEGMENTATION_SPARK_MEMORY": "8g",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    command = [DBT, "--no-use-colors", *arguments]
    return run(command, cwd=folder, env={**os.environ, **environment})[1]


def build(data, folder, selection, settings, is_parsed=False, target="dev") -> dict:
    """Start dbt on nothing, import, then build the package, and return what the build cost more.

    Parameters
    ----------
    data : Path. Folder of Parquet files.
    folder : Path. Scratch folder with profiles.yml.
    selection : str. A key of SELECTIONS.
    settings : dict. Vars of the package.
    is_parsed : bool. Let dbt parse the project first, and leave that out.
    target : str. The engine, as write_profile() has it.
    """
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    (empty / "dbt_project.yml").write_text(yaml.safe_dump(EMPTY), encoding="utf-8")
    settings = {
        "segmentation_transactions": FILES[target].format(data),
        **SETTINGS[selection],
        **settings,
    }
    given = ("--vars", json.dumps(settings))
    if is_parsed:
        dbt(ROOT, folder, "parse", *given)
    start = dbt(empty, folder, "build")
    imports = float(run([sys.executable, "-c", IMPORTS])[0])
    # unit tests look at the package, not at the data
    cost = dbt(
        ROOT,
        folder,
        "build",
        "--exclude-resource-type",
        "unit_test",
        *given,
        *SELECTIONS[selection],
    )
    seconds, nodes, left_out = seconds_of_parts(folder / f"target-{ROOT.name}", imports)
    spent = cost.wall_seconds - start.wall_seconds - left_out
    # parsing, and what dbt does between the nodes
    seconds["dbt itself"] = spent - sum(seconds.values())
    return {
        **asdict(cost),
        "cpu_seconds": cost.cpu_seconds - start.cpu_seconds,
        "seconds": seconds,
        "nodes": dict(sorted(nodes.items(), key=lambda item: -item[1])),
        "dbt_start": start.wall_seconds,
        "imports": left_out,
    }


def scans(data, folder) -> list:
    """Return the scans of the raw data in the last build, each with its share of the row groups."""
    import duckdb

    ((of,),) = duckdb.sql(f"""
        select sum(num_row_groups) from parquet_file_metadata('{data}/*.parquet')""").fetchall()
    kept = (folder / "scans.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        {"node": scan["node"], "columns": scan["columns"], "share": scan["row_groups"] / int(of)}
        for scan in map(json.loads, kept)
        if str(data) in str(scan["files"])
    ]


def pairs(texts) -> dict:
    """Return NAME=VALUE arguments as a dict, the values read as YAML."""
    return {
        name: yaml.safe_load(value) for name, _, value in (text.partition("=") for text in texts)
    }


def main():
    """Build as the command line asks, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--selection", choices=SELECTIONS, default="whole")
    parser.add_argument("--target", choices=FILES, default="dev", help="the engine")
    parser.add_argument("--threads", type=int, help="dbt's threads; default: the profile's")
    parser.add_argument("--setting", action="append", default=[], help="a var: NAME=VALUE")
    parser.add_argument("--engine", action="append", default=[], help="of DuckDB: NAME=VALUE")
    parser.add_argument("--parsed", action="store_true", help="parse before, as a daily build has")
    parser.add_argument("--scans", action="store_true", help="count the scans of the raw data")
    parser.add_argument("--day", action="store_true", help="build again with one more day")
    arguments = parser.parse_args()

    folder = arguments.folder.resolve()
    engine = pairs(arguments.engine)
    write_profile(folder, arguments.target, arguments.threads, engine, arguments.scans)
    # links, so that a further day can be added to the same folder
    data = folder / "data"
    data.mkdir()
    for file in sorted(arguments.data.resolve().glob("*.parquet")):
        (data / file.name).symlink_to(file)
    settings = pairs(arguments.setting)
    options = (arguments.parsed, arguments.target)
    outcome = build(data, folder, arguments.selection, settings, *options)
    if arguments.scans:
        outcome["scans"] = scans(data, folder)
    if arguments.day:
        (data / "day.parquet").symlink_to(arguments.data.resolve() / "day" / "part.parquet")
        outcome["day"] = build(data, folder, arguments.selection, settings)
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
