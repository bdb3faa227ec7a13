"""What docs/threat_model.md says of the code: what it never does, whatever data and settings are.

The code is read as a syntax tree, not as text, so that a name in a comment or in a sentence is no
finding. Each reader is tried on what it has to find: one that finds nothing anywhere proves
nothing.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace

import pytest
import yaml
from corner_shop import clean_lines, write_lines
from project_runner import UP_TO_SEGMENTS

# Modules that bring code out of data, start programs, or speak to other machines.
FORBIDDEN_MODULES = {
    "pickle": {"_pickle", "cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"},
    "code from text": {"code", "codeop", "runpy"},
    "processes": {"ctypes", "multiprocessing", "pty", "subprocess"},
    "network": {
        *("aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests"),
        *("smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib", "urllib3"),
        *("webbrowser", "xmlrpc"),
    },
}
FORBIDDEN_CALLS = {
    *("__import__", "compile", "eval", "exec"),
    *("os.popen", "os.posix_spawn", "os.startfile", "os.system"),
    # pandas and NumPy unpickle too
    *("read_pickle", "to_pickle", "allow_pickle"),
}
FORBIDDEN_PREFIXES = ("os.exec", "os.fork", "os.spawn")

COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)
# texts of SQL, and what stands between double quotes there or in Jinja
TEXT = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
# Statements by which DuckDB fetches code, opens another file or writes one, and functions that read
# files or the environment: an owner's setting may bring them along, the package's own SQL does not.
STATEMENT = re.compile(
    r"(?:^|;)\s*(install|load|attach|copy|export|import|create\s+(?:persistent\s+)?secret)\b"
    r"|\b((?:read|scan|sniff)_(?:blob|csv|json|ndjson|parquet|text|xlsx)\w*|parquet_scan"
    r"|glob|getenv|query|query_table)\s*\(",
    re.IGNORECASE | re.MULTILINE,
)
ADDRESS = re.compile(r"\b(?:https?|s3|gcs|ftp|azure|hf)://", re.IGNORECASE)

# Loaded by every Python before anything else; written by the test beside the log. A library that
# comes with dbt looks whether this machine knows IPv6 by binding to a port of its own for a moment.
WATCH = """
import sys

def watch(event, arguments, log={log!r}):
    if not event.startswith("socket.") or event in ("socket.__new__", "socket.gethostname"):
        return
    if event == "socket.bind" and arguments[1] == ("::1", 0):
        return
    with open(log, "a") as file:
        print(event, arguments[1:], file=file)

sys.addaudithook(watch)
open({log!r}, "a").close()
"""


def calls_of(tree):
    """Yield the dotted name of each call with its node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports_of(tree):
    """Yield the first part of each module that is imported, by statement or by function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]
    for name, node in calls_of(tree):
        if name.split(".")[-1] == "import_module":
            known = node.args and isinstance(node.args[0], ast.Constant)
            yield node.args[0].value.split(".")[0] if known else "a module named by a variable"


def python_findings(source) -> set[str]:
    """Return what a Python source does and must not do."""
    tree = ast.parse(source)
    forbidden = set().union(*FORBIDDEN_MODULES.values(), {"a module named by a variable"})
    found = {f"import {name}" for name in imports_of(tree) if name in forbidden}
    for name, node in calls_of(tree):
        words = {name, name.split(".")[-1] if "pickle" in name else name}
        words |= {keyword.arg for keyword in node.keywords}
        found |= {f"{word}()" for word in words & FORBIDDEN_CALLS}
        if name.startswith(FORBIDDEN_PREFIXES):
            found.add(f"{name}()")
        if any(keyword.arg == "shell" for keyword in node.keywords):
            found.add(f"{name}(shell=)")
    return found


def sql_findings(source) -> set[str]:
    """Return what an SQL source does and must not do; comments and texts are passed over."""
    code = COMMENT.sub("", source)
    found = {match.group(0).strip("; \n") for match in STATEMENT.finditer(TEXT.sub("''", code))}
    return found | set(ADDRESS.findall(code))


def shipped_files(root, *patterns):
    """Return the files of the package that run at the user's, tests left out."""
    return sorted(path for pattern in patterns for path in root.glob(pattern))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle as numbers", {"import pickle"}),
        ("from joblib import load", {"import joblib"}),
        ("def f():\n    import urllib.request", {"import urllib"}),
        ("import os.path", set()),
        ("importlib.import_module('socket')", {"import socket"}),
        ("import_module(name)", {"import a module named by a variable"}),
        ("eval(row['rule'])", {"eval()"}),
        ("np.load(file, allow_pickle=True)", {"allow_pickle()"}),
        ("pd.read_pickle(file)", {"read_pickle()"}),
        ("os.execvp(name, [])", {"os.execvp()"}),
        ("run(command, shell=True)", {"run(shell=)"}),
        ("# eval(x) and import pickle\nx = 'exec(y)'", set()),
        ("connection.execute('select 1')", set()),
        ("re.compile('x')", set()),
    ],
)
def test_reader_of_python_finds(source, found):
    assert python_findings(source) == found


def test_python_that_ships_runs_no_data_and_speaks_to_nobody(root):
    files = shipped_files(root, "python/**/*.py", "models/**/*.py", "apps/**/*.py")
    assert len(files) > 50
    found = {path: python_findings(path.read_text(encoding="utf-8")) for path in files}
    # where dbt runs the Python models of a project: what it runs is the project's code, not data
    job = root / "python" / "dbt_customer_segmentation" / "session_job.py"
    assert found.pop(job) == {"compile()", "exec()"}
    assert {path: offences for path, offences in found.items() if offences} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("INSTALL httpfs; load httpfs", {"INSTALL", "load"}),
        ("{% set x %}\n  attach 'other.duckdb' as other", {"attach"}),
        ("select * from read_csv('/etc/passwd')", {"read_csv("}),
        ("select 'https://example.org' as target", {"https://"}),
        ("-- load what is newer\nselect load from t {# install it #}", set()),
        ("select 'install the library; load it' as message", set()),
    ],
)
def test_reader_of_sql_finds(source, found):
    assert sql_findings(source) == found


def test_sql_that_ships_opens_no_file_and_no_address(root):
    files = shipped_files(root, "models/**/*.sql", "macros/**/*.sql", "snapshots/*.sql")
    assert len(files) > 150
    found = {path: sql_findings(path.read_text(encoding="utf-8")) for path in files}
    assert {path: offences for path, offences in found.items() if offences} == {}


def test_registry_holds_numbers_and_words_only(root):
    described = yaml.safe_load((root / "models/segmentation/segment_model.yml").read_text("utf-8"))
    (model,) = (one for one in described["models"] if one["name"] == "segment_model")
    types = {column["data_type"].lower() for column in model["columns"]}
    assert len(types) > 5
    assert not {type_ for type_ in types if "blob" in type_ or "bit" in type_}


def test_telemetry_is_off_wherever_we_start_a_tool(root):
    project = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["flags"] == {"send_anonymous_usage_stats": False}
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert "\nexport DBT_SEND_ANONYMOUS_USAGE_STATS := false\n" in makefile
    with (root / "apps/explore/.streamlit/config.toml").open("rb") as file:
        assert tomllib.load(file)["browser"]["gatherUsageStats"] is False


@pytest.fixture(scope="module")
def cut_off(corner_shop):
    """Return the file in which a build without a network noted what it asked of sockets."""
    project = corner_shop.variant("cut_off", {"segmentation_k": 3})
    write_lines(project, clean_lines())
    log, hooks = project.scratch / "sockets.log", project.scratch / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(WATCH.format(log=str(log)), encoding="utf-8")
    # An empty network namespace also stops what Python does not see, such as DuckDB. Not everybody
    # may make one; then the log alone speaks.
    unshare = [shutil.which("unshare") or "false", "--map-root-user", "--net"]
    alone = subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0
    dbt = hooks / "dbt"
    command = [*(unshare if alone else []), str(project.programs / "dbt")]
    dbt.write_text(f'#!/bin/sh\nexec {" ".join(command)} "$@"\n', encoding="utf-8")
    dbt.chmod(0o755)
    path = os.pathsep.join([str(hooks), *filter(None, [os.environ.get("PYTHONPATH")])])
    replace(project, programs=hooks, environment={"PYTHONPATH": path}).build(*UP_TO_SEGMENTS)
    return log


def test_watch_notes_a_connection(cut_off):
    # the discard port of this machine, where nobody listens
    code = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    log = cut_off.with_name("tried.log")
    source = cut_off.parent / "hooks" / "sitecustomize.py"
    tried = source.read_text(encoding="utf-8").replace(str(cut_off), str(log))
    subprocess.run([sys.executable, "-c", f"{tried}\n{code}"], check=True)
    assert "socket.connect" in log.read_text(encoding="utf-8")


def test_build_opens_no_connection_and_needs_no_network(cut_off):
    # The file is there, so the watch was on.
    assert cut_off.read_text(encoding="utf-8") == ""


def workflows(root):
    """Return the content of each workflow of CI, by path."""
    files = sorted((root / ".github" / "workflows").glob("*.y*ml"))
    assert files
    return {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in files}


def actions_of(content):
    """Return what the steps and jobs of a workflow use."""
    jobs = content["jobs"].values()
    steps = [step for job in jobs for step in job.get("steps", [])]
    return [part["uses"] for part in [*jobs, *steps] if "uses" in part]


def test_actions_are_named_by_commit(root):
    used = [action for content in workflows(root).values() for action in actions_of(content)]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_workflows_may_read_and_nothing_else(root):
    for path, content in workflows(root).items():
        assert content["permissions"] == {}, path
        for job in content["jobs"].values():
            assert job["permissions"] == {"contents": "read"}
        assert "secrets." not in path.read_text(encoding="utf-8")
        # `pull_request_target` runs a stranger's change with the rights of this repository
        assert "pull_request_target" not in path.read_text(encoding="utf-8")


def test_lock_file_pins_what_pyproject_asks_for(root):
    with (root / "pyproject.toml").open("rb") as file:
        asked = tomllib.load(file)
    with (root / "uv.lock").open("rb") as file:
        packages = {package["name"]: package for package in tomllib.load(file)["package"]}
    own = packages.pop("customer-segmentation")
    known = own["metadata"]["requires-dist"], *own["metadata"]["requires-dev"].values()
    locked = {entry["name"] + entry.get("specifier", "") for part in known for entry in part}
    project = asked["project"]
    wanted = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
        *(one for group in asked["dependency-groups"].values() for one in group),
    ]
    # uv writes the bounds in another order
    assert {parts(one) for one in locked} == {parts(one) for one in wanted}
    assert {entry["name"] for part in known for entry in part} <= packages.keys()
    for package in packages.values():
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        assert files, package["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


def parts(requirement):
    """Return the name and the bounds of a requirement, in whatever order they are written."""
    name, bounds = re.fullmatch(r"([\w.-]+)\s*(.*)", requirement).groups()
    return name.lower(), frozenset(bounds.replace(" ", "").split(","))


@pytest.mark.parametrize(
    ("page", "least"), [("threat_model.md", 15), ("privacy.md", 10), ("reliability.md", 20)]
)
def test_every_promise_names_a_test_that_exists(root, page, least):
    text = (root / "docs" / page).read_text(encoding="utf-8")
    # `::test_x` alone is in the file that was named last
    named, file = set(), None
    for given, test in re.findall(r"`(test_\w+\.py)?::(test_\w+)`", text):
        file = given or file
        named.add((file, test))
    assert len(named) >= least
    folder = root / "tests" / "python"
    for file, test in named:
        assert f"\ndef {test}(" in (folder / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_every_door_of_the_threat_model_is_shown_to_be_shut(root):
    text = (root / "docs" / "threat_model.md").read_text(encoding="utf-8")
    doors = re.search(r"\| shown by \|\n.*?\n\n", text, re.DOTALL).group(0).splitlines()[2:]
    rows = [line for line in doors if line.startswith("|")]
    assert len(rows) > 10
    shown = re.compile(r"`(test_|make )|\.yml\)")
    assert [row for row in rows if not shown.search(row.split("|")[4])] == []
