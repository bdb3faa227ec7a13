"""What is done to a build, to its disk, its memory, its files or its input, from outside."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from followed_build import FollowedBuild
from project_runner import read_yaml

MIB = 1024 * 1024
# Room for the state before a build and for what a build adds to it, with some to spare.
SMALL_DISK_MIB = {"scratch": 160, "published": 24}


@dataclass
class Scene:
    """A build that is about to be struck.

    Attributes
    ----------
    project : Project
    selection : sequence of str. Arguments of its `dbt build`.
    amount : float. What a fault leaves of the disk or of the memory, in MiB.
    neighbour : Project or None. One that publishes to the same folder.
    build : FollowedBuild
    others : list of FollowedBuild. Builds that a fault has started beside it.
    """

    project: object
    selection: tuple
    amount: float
    neighbour: object = None
    build: FollowedBuild | None = None
    others: list = field(default_factory=list)

    @property
    def published(self) -> Path:
        """Return the folder that it publishes to."""
        return self.project.scratch / "published"

    @property
    def lines(self) -> Path:
        """Return the file that it reads."""
        return self.project.scratch / "lines.parquet"

    @property
    def database_files(self) -> list[Path]:
        """Return the files of the warehouse that there are now."""
        return [path for path in self.project.scratch.glob("warehouse.duckdb*") if path.is_file()]


class Fault:
    """What strikes a build once, and is lifted when its traces have been looked at.

    Attributes
    ----------
    place : str. Kind of scratch folder that it needs; see places.py.
    """

    place = "plain"

    def strike(self, scene):
        """Do it."""

    def lift(self, scene):
        """Undo what an operator would: give the disk room, bring the input back."""


class Signal(Fault):
    """The process gets a signal."""

    def __init__(self, number):
        self._number = number

    def strike(self, scene):
        """Send it."""
        with suppress(ProcessLookupError):
            os.kill(scene.build.process.pid, self._number)


class FullDisk(Fault):
    """The small file system that holds a folder of the build is filled up."""

    def __init__(self, folder):
        self.place = f"small {folder}"
        self._folder = folder

    def strike(self, scene):
        """Write a file that leaves so much room."""
        folder = scene.project.scratch if self._folder == "scratch" else scene.published
        free = shutil.disk_usage(folder).free - int(scene.amount * MIB)
        with suppress(OSError), (folder / "filler").open("wb") as file:
            for _ in range(max(free, 0) // 4096):
                file.write(bytes(4096))

    def lift(self, scene):
        """Remove that file."""
        for folder in (scene.project.scratch, scene.published):
            (folder / "filler").unlink(missing_ok=True)


class FileSizeLimit(Fault):
    """No file may become larger than the database is: a full disk where none can be mounted."""

    def strike(self, scene):
        """Limit the running process."""
        size = max((path.stat().st_size for path in scene.database_files), default=0)
        _limit(scene.build.process, resource.RLIMIT_FSIZE, size + int(scene.amount * MIB))


class LittleMemory(Fault):
    """The process may have no more memory than it has already, and a little."""

    def strike(self, scene):
        """Limit the running process."""
        with suppress(FileNotFoundError):
            pages = Path(f"/proc/{scene.build.process.pid}/statm").read_text().split()[0]
            size = int(pages) * resource.getpagesize() + int(scene.amount * MIB)
            _limit(scene.build.process, resource.RLIMIT_AS, size)


class LittleEngineMemory(Fault):
    """DuckDB has the `memory_limit` of the profile, and a temporary folder without room."""

    place = "little engine memory"

    def lift(self, scene):
        """Give it memory, as an operator would; the folder stays without room."""
        change_output(scene.project, settings={})


class ReadOnlyDatabase(Fault):
    """The files of the warehouse can no longer be written."""

    def strike(self, scene):
        """Protect them."""
        for path in scene.database_files:
            protect(path)

    def lift(self, scene):
        """Take the protection away."""
        for path in scene.database_files:
            unprotect(path)


class ReadOnlyPublished(Fault):
    """Nothing can be made any more in the folder that is published to."""

    def strike(self, scene):
        """Protect it."""
        if scene.published.exists():
            protect(scene.published)

    def lift(self, scene):
        """Take the protection away."""
        if scene.published.exists():
            unprotect(scene.published)


class InputRemoved(Fault):
    """The file that the build reads is gone."""

    def strike(self, scene):
        """Move it away."""
        scene.lines.rename(scene.lines.with_suffix(".away"))

    def lift(self, scene):
        """Bring it back."""
        with suppress(FileNotFoundError):
            scene.lines.with_suffix(".away").replace(scene.lines)


class InputCut(InputRemoved):
    """Half of the file that the build reads is there."""

    def strike(self, scene):
        """Put half of it in its place."""
        whole = scene.lines.read_bytes()
        super().strike(scene)
        scene.lines.write_bytes(whole[: len(whole) // 2])


class SecondBuild(Fault):
    """Another build of the same project begins on the same database file."""

    def __init__(self, place="plain"):
        self.place = place

    def strike(self, scene):
        """Start it."""
        scene.others.append(FollowedBuild(scene.project, scene.selection))


class SecondPublisher(Fault):
    """Another build with a database of its own publishes to the same folder."""

    place = "second publisher"

    def strike(self, scene):
        """Start it on a copy of the warehouse, as it was before the build."""
        scene.others.append(FollowedBuild(scene.neighbour, scene.selection))


KINDS = {
    "SIGKILL": Signal(signal.SIGKILL),
    "SIGTERM": Signal(signal.SIGTERM),
    "SIGINT": Signal(signal.SIGINT),
    "disk full": FullDisk("scratch"),
    "published folder full": FullDisk("published"),
    "file size limit": FileSizeLimit(),
    "memory cut (RLIMIT_AS)": LittleMemory(),
    "memory_limit, no room for temporary files": LittleEngineMemory(),
    "database read-only": ReadOnlyDatabase(),
    "published folder read-only": ReadOnlyPublished(),
    "input removed": InputRemoved(),
    "input cut in half": InputCut(),
    "second build": SecondBuild(),
    "second build that waits": SecondBuild("patient"),
    "second publisher": SecondPublisher(),
}


def change_output(project, **options):
    """Change options of the output in the profile of a project."""
    path = project.scratch / "profiles.yml"
    profiles = read_yaml(path)
    for profile in profiles.values():
        profile["outputs"]["dev"] |= options
    path.write_text(yaml.safe_dump(profiles))


def _limit(process, which, value):
    with suppress(ProcessLookupError):
        resource.prlimit(process.pid, which, (value, value))


# ---------- what only some machines allow


def mount_small(path, mib):
    """Mount an empty file system of so many MiB."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(path)],
        check=True,
        capture_output=True,
    )


def unmount(path):
    """Unmount it, whoever has a file there still open."""
    subprocess.run(["umount", "--lazy", str(path)], check=False, capture_output=True)


def protect(path):
    """Let nobody write a file, not even root or who has it open, or make one in a folder."""
    if os.geteuid() == 0:
        subprocess.run(["chattr", "+i", str(path)], check=True, capture_output=True)
    else:
        path.chmod(path.stat().st_mode & ~0o222)


def unprotect(path):
    """Undo that."""
    if os.geteuid() == 0:
        subprocess.run(["chattr", "-i", str(path)], check=True, capture_output=True)
    else:
        path.chmod(path.stat().st_mode | 0o200)


def possible_kinds(folder) -> dict[str, str]:
    """Return why kinds of faults are not possible here, by kind; empty where all are.

    Parameters
    ----------
    folder : Path. Where the builds will work.
    """
    why = {}
    trial = folder / "trial"
    trial.mkdir()
    try:
        mount_small(trial, 1)
        unmount(trial)
    except (OSError, subprocess.CalledProcessError):
        for kind, fault in KINDS.items():
            if fault.place.startswith(("small", "little engine")):
                why[kind] = "no file system can be mounted (that takes root)"
    try:
        protect(trial)
        unprotect(trial)
    except (OSError, subprocess.CalledProcessError):
        why["database read-only"] = why["published folder read-only"] = "chattr does not work here"
    trial.rmdir()
    if not hasattr(resource, "prlimit"):
        for kind in ("file size limit", "memory cut (RLIMIT_AS)"):
            why[kind] = "limits of a running process are a matter of Linux"
    return why
