"""The same input gives the same tables, to the last bit: the short form of `make determinism`.

Everything that must change nothing is changed at once. Where that leaves all tables equal, none of
the changes matters by itself; where it does not, `make determinism` tells which one does.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from exceptions import unexpected
from inputs import demo as demo_from_files
from project_runner import WITHOUT_TESTS, together
from public_tables import NOT_COMPARED, Difference, Table, differences, read_tables
from variants import ALL_AT_ONCE, BASE, OLDER_BLAS, OTHER_MACHINE, PLAIN, Variant, build, runs_here

# What the fits may differ in between kernels of linear algebra, by fit and column, and how far:
# relatively, or absolutely for a mean of indices. Whatever is not named is equal.
BETWEEN_KERNELS = {
    ("gmm", "candidates"): 1e-11,
    ("gmm", "prototype"): 1e-11,
    ("gmm", "prototype_weight"): 1e-11,
    ("gmm", "prototype_offset"): 1e-11,
    ("gmm", "bic"): 1e-11,
    ("kmeans, prepared", "candidates"): 1e-11,
    ("kmeans, prepared", "imputation_weights"): 1e-11,
    ("kmeans, prepared", "projection"): 1e-11,
    ("kmeans, prepared", "components"): 1e-11,
    ("kmeans, prepared", "prototype"): 1e-11,
    ("kmeans, prepared", "inertia"): 1e-11,
    # Training a network amplifies the last digit: other starts end elsewhere.
    ("autoencoder", "seed_agreement"): 0.1,
}


@pytest.fixture(scope="module")
def tables(root, tmp_path_factory):
    """Return the public tables of the demo, built plainly and with everything changed at once."""
    project, queries = demo_from_files(root, tmp_path_factory.mktemp("determinism"))
    other = replace(ALL_AT_ONCE, environment={**ALL_AT_ONCE.environment, **OLDER_BLAS})
    # one after the other, so that dbt parses once
    plain = build(project, BASE, queries, *WITHOUT_TESTS)
    variant = other if runs_here(other) else ALL_AT_ONCE
    changed = build(project, variant, queries, *WITHOUT_TESTS, parsed=plain)
    return read_tables(plain), read_tables(changed)


def as_table(row):
    """Return a row of the registry as a table."""
    return Table(tuple(row), [tuple(row.values())])


@pytest.fixture(scope="module")
def fits(root):
    """Return the registry row of every algorithm, fitted with kernels of two processors."""

    def fit(environment):
        found = subprocess.run(
            [sys.executable, root / "tests" / "determinism" / "fits.py"],
            env={**os.environ, **PLAIN, **environment},
            stdout=subprocess.PIPE,
            check=True,
        )
        return json.loads(found.stdout)

    other = {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4", "PYTHONHASHSEED": "1"}
    kernels = OLDER_BLAS if runs_here(Variant("older", environment=OLDER_BLAS)) else {}
    return together(lambda: fit({}), lambda: fit(other | kernels))


def test_public_tables_are_equal_to_the_last_bit(tables):
    plain, changed = tables
    assert len(plain) == 40
    assert sum(len(table.rows) for table in plain.values()) > 10_000
    assert differences(plain, changed) == []


def test_fits_are_equal_but_for_what_is_named(fits):
    found = differences(*[{name: as_table(row) for name, row in fit.items()} for fit in fits])
    for one in found:
        assert one.others == (), one
        for column in one.columns:
            assert one.relative <= BETWEEN_KERNELS.get((one.table, column), 0.0), one


def test_what_is_left_out_exists(root):
    files = [*(root / "models").rglob("*.yml"), *(root / "snapshots").glob("*.yml")]
    described = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [name for name in NOT_COMPARED if f"- name: {name}\n" not in described] == []


ROWS = [("a", 1, 0.1), ("b", 2, 1.0), ("c", 3, -2.5)]


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        (ROWS, None),
        ([*ROWS[:2], ("c", 3, -2.5000000000000004)], (1, ("share",), ())),
        ([*ROWS[:2], ("c", 4, -2.5)], (1, (), ("count",))),
        ([*ROWS[:2], ("c", 3, None)], (1, (), ("share",))),
        (ROWS[:2], (1, (), ("(rows)",))),
    ],
)
def test_comparison_sees_the_last_bit(changed, difference):
    columns = ("key", "count", "share")
    found = differences({"t": Table(columns, ROWS)}, {"t": Table(columns, changed)})
    assert [(one.rows, one.columns, one.others) for one in found] == [
        one for one in [difference] if one is not None
    ]
    assert all(one.relative < 1e-15 for one in found)


def test_minus_zero_is_not_zero():
    one, other = ({"t": Table(("x",), [(value,)])} for value in (0.0, -0.0))
    assert [found.relative for found in differences(one, other)] == [0.0]


def test_only_floats_of_another_machine_may_differ():
    tiny = Difference("segments", 1, 1e-15, ("distance",), ())
    large = replace(tiny, relative=1e-6)
    count = replace(tiny, others=("customers",))
    found = [tiny, large, count]
    assert unexpected(found, OTHER_MACHINE, "demo/kmeans") == [large, count]
    assert unexpected(found, ALL_AT_ONCE, "demo/kmeans") == found
    kernel = Variant("kernel", "machine", environment=OLDER_BLAS)
    assert unexpected(found, kernel, "demo/kmeans") == found
    assert unexpected(found, kernel, "demo/gmm") == [large, count]
    foreseen = replace(large, table="lifetime_backtest")
    assert unexpected([foreseen], OTHER_MACHINE, "online_retail/kmeans") == []
    assert unexpected([foreseen], OTHER_MACHINE, "demo/kmeans") == [foreseen]
    assert unexpected([foreseen], ALL_AT_ONCE, "online_retail/kmeans") == [foreseen]
