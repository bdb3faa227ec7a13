"""The ways in which the same input is built again, each of which must change nothing."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

# One thread everywhere, and what a shell might leave to chance.
PLAIN = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    # relative, so that dbt takes up what it parsed for another variant
    "SEGMENTATION_DATABASE": "warehouse.duckdb",
}

# What another processor would choose by itself: kernels of linear algebra (OpenBLAS), of NumPy's
# own functions, and of the C library's logarithms and exponentials, which DuckDB uses too. Older
# ones than this machine's run on it; newer ones do not.
OLD_BLAS = {"OPENBLAS_CORETYPE": "SANDYBRIDGE"}
OLDER_BLAS = {"OPENBLAS_CORETYPE": "NEHALEM"}
OLDEST_BLAS = {"OPENBLAS_CORETYPE": "PRESCOTT"}
OLD_NUMPY = {"NPY_DISABLE_CPU_FEATURES": "X86_V3"}
OLD_LIBRARY = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX,-FMA,-FMA4,-BMI2,-ERMS"}


@dataclass(frozen=True)
class Variant:
    """One way to build.

    Attributes
    ----------
    name : str
    group : str. What kind of change it is: `run` for what a run on the same machine may differ in,
        `machine` for another processor, `python` for another interpreter.
    shuffle : int. Seed of the order of the input's rows; 0 leaves them as they are.
    engine_threads, dbt_threads : int
    environment : dict. On top of PLAIN.
    engine : dict. Settings of DuckDB.
    programs : Path or None. Folder of another Python's programs.
    """

    name: str
    group: str = "run"
    shuffle: int = 0
    engine_threads: int = 1
    dbt_threads: int = 1
    environment: dict = field(default_factory=dict)
    engine: dict = field(default_factory=dict)
    programs: Path | None = None


BASE = Variant("base")
ALL_AT_ONCE = Variant(
    "all at once",
    shuffle=4,
    engine_threads=4,
    dbt_threads=4,
    environment={
        "OMP_NUM_THREADS": "4",
        "OPENBLAS_NUM_THREADS": "4",
        "PYTHONHASHSEED": "20261125",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
    },
)
OTHER_MACHINE = Variant(
    "another machine", "machine", environment={**OLD_BLAS, **OLD_NUMPY, **OLD_LIBRARY}
)
VARIANTS = (
    *(Variant(f"shuffled, seed {seed}", shuffle=seed, engine_threads=2) for seed in (1, 2, 3)),
    *(Variant(f"DuckDB, {count} threads", engine_threads=count) for count in (2, 4)),
    *(Variant(f"dbt, {count} threads", dbt_threads=count) for count in (2, 4)),
    *(
        Variant(
            f"linear algebra, {count} threads",
            environment={"OMP_NUM_THREADS": str(count), "OPENBLAS_NUM_THREADS": str(count)},
        )
        for count in (2, 4)
    ),
    *(Variant(f"hash seed {seed}", environment={"PYTHONHASHSEED": seed}) for seed in ("1", "2")),
    Variant(
        "another time zone and locale",
        environment={"TZ": "America/St_Johns", "LC_ALL": "C"},
        engine={"TimeZone": "America/St_Johns"},
    ),
    ALL_AT_ONCE,
    Variant("OpenBLAS of Sandy Bridge", "machine", environment=OLD_BLAS),
    Variant("OpenBLAS of Nehalem", "machine", environment=OLDER_BLAS),
    Variant("OpenBLAS of Prescott", "machine", environment=OLDEST_BLAS),
    Variant("NumPy without AVX2", "machine", environment=OLD_NUMPY),
    Variant("C library without AVX and FMA", "machine", environment=OLD_LIBRARY),
    OTHER_MACHINE,
)


def runs_here(variant) -> bool:
    """Return whether a variant can be built here.

    Some machines prescribe a kernel of OpenBLAS, because others compute wrong results on them:
    that stands.
    """
    return not ("OPENBLAS_CORETYPE" in os.environ and "OPENBLAS_CORETYPE" in variant.environment)


def write_input(path, query, shuffle):
    """Write rows to a Parquet file, in their own order or in one drawn with a seed."""
    order = f"order by md5(number || ':{shuffle}'), number" if shuffle else "order by number"
    # small row groups, or DuckDB would hand the whole file to one thread
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * exclude (number) from (select *, row_number() over () as number "
            f"from ({query})) {order}) to '{path}' (row_group_size 2048)"
        )


def build(project, variant, inputs, *selection, parsed=None):
    """Build a project in a way of its own, in a scratch folder beside the project's.

    Parameters
    ----------
    project : Project. Reads its tables by relative paths from the scratch folder.
    variant : Variant
    inputs : dict of file name to the query of its rows.
    selection : arguments of `dbt build`.
    parsed : Project or None. One with the same settings, which dbt need not parse again.

    Returns
    -------
    Project, built.
    """
    name = "".join(letter if letter.isalnum() else "_" for letter in variant.name)
    threads = {"SEGMENTATION_THREADS": str(variant.dbt_threads)}
    scratch = project.variant(
        f"{project.scratch.name}_{name}",
        environment={**PLAIN, **threads, **variant.environment},
        **{"threads": variant.engine_threads, **variant.engine},
    )
    if variant.programs is not None:
        scratch = replace(scratch, programs=variant.programs)
    if parsed is not None:
        target = scratch.scratch / "target"
        target.mkdir()
        known = "partial_parse.msgpack"
        shutil.copyfile(parsed.scratch / "target" / known, target / known)
    for file, query in inputs.items():
        write_input(scratch.scratch / file, query, variant.shuffle)
    return scratch.build("--threads", str(variant.dbt_threads), *selection)
