"""Scratch folders in which builds are struck, each put back into a known state before."""

from __future__ import annotations

import shutil
from pathlib import Path

from corner_shop import write_lines
from injected_faults import SMALL_DISK_MIB, change_output, mount_small, unmount

# Enough for most of the models of so small a shop, and not for all.
ENGINE_MEMORY = "24MB"


class Place:
    """A scratch folder of a project.

    Parameters
    ----------
    project : Project. A variant of it gets a scratch folder of its own.
    name : str. Name of that folder.
    kind : str. `plain`; `small scratch` and `small published` have a small file system there;
        `little engine memory` has a memory limit for DuckDB, and no room for its temporary files,
        until the fault is lifted;
        `patient` waits for the database file as profiles.yml of the package does; `second
        publisher` has a neighbour who publishes to the same folder.
    parsed : Path or None. What dbt has parsed of the project.

    Attributes
    ----------
    project : Project. That variant.
    neighbour : Place or None
    """

    def __init__(self, project, name, kind="plain", parsed=None):
        self.project = project.variant(name)
        self.neighbour = None
        self._kind, self._parsed = kind, parsed
        self._mounts = []
        scratch = self.project.scratch
        shutil.rmtree(scratch / "target", ignore_errors=True)
        if kind == "small scratch":
            profile = (scratch / "profiles.yml").read_text()
            self._mount(scratch, SMALL_DISK_MIB["scratch"])
            (scratch / "profiles.yml").write_text(profile)
        elif kind == "small published":
            self._mount(scratch / "published", SMALL_DISK_MIB["published"])
        elif kind == "little engine memory":
            self._mount(scratch / "warehouse.duckdb.tmp", 1)
        elif kind == "patient":
            change_output(self.project, retries={"connect_attempts": 5})
        elif kind == "second publisher":
            self.neighbour = Place(project, f"{name}_neighbour", parsed=parsed)
        if kind == "patient":
            # another profile has to be parsed again
            outcome = self.project.dbt("parse")
            assert outcome.returncode == 0, outcome.stdout
            self.keep_parsed(scratch.with_name(f"{name}_parsed"))

    def keep_parsed(self, folder):
        """Keep what dbt has parsed here, for other places and for later."""
        folder.mkdir()
        shutil.copy(self.project.scratch / "target" / "partial_parse.msgpack", folder)
        self._parsed = folder

    def restore(self, files, lines):
        """Put the state before a build in place of what there is.

        Parameters
        ----------
        files : Path or None. Folder with warehouse and published files; None for a first build.
        lines : list of dict. What the build will read.
        """
        scratch = self.project.scratch
        _clear(scratch, keep=("profiles.yml",))
        if self._kind == "little engine memory":
            change_output(self.project, settings={"memory_limit": ENGINE_MEMORY})
        if files is not None:
            shutil.copytree(files, scratch, symlinks=True, dirs_exist_ok=True)
        if self._parsed is not None:
            shutil.copytree(self._parsed, scratch / "target", dirs_exist_ok=True)
        write_lines(self.project, lines)
        if self.neighbour is not None:
            self.neighbour.restore(files, lines)
            folder = self.neighbour.project.scratch / "published"
            shutil.rmtree(folder, ignore_errors=True)
            folder.symlink_to(scratch / "published")

    def close(self):
        """Take the small file systems away."""
        for path in self._mounts:
            unmount(path)

    def _mount(self, path, mib):
        path.mkdir(exist_ok=True)
        mount_small(path, mib)
        self._mounts.append(path)


def _clear(folder: Path, keep=()):
    """Remove what is in a folder; what a file system is mounted on stays, empty."""
    for path in folder.iterdir():
        if path.name in keep:
            continue
        if path.is_dir() and not path.is_symlink():
            _clear(path)
            if not path.is_mount():
                path.rmdir()
        else:
            path.unlink()
