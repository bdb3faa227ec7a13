"""Run something in a process of its own, and say what it cost.

The process that measures stays small: a child that is forked counts the memory of its parent as
its own until it starts its program.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Cost:
    """What a process took, with the children that it waited for.

    Attributes
    ----------
    wall_seconds : float
    cpu_seconds : float. User and system time of all threads.
    peak_gb : float. Peak resident memory of the largest of the processes, in 10^9 bytes.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_gb: float


def run(command, **options) -> tuple[str, Cost]:
    """Run a command to its end.

    Returns
    -------
    (str, Cost): what it printed on standard output, and what it cost.

    Raises
    ------
    RuntimeError: it failed. The message ends with what it printed.
    """
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.stdout.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        text = " ".join(map(str, command))
        raise RuntimeError(f"{text} ended with {child.returncode}:\n{printed[-4000:]}")
    # the kernel of Linux counts kibibytes
    return printed, Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e9)


def script(name, *arguments) -> dict:
    """Run one of the scripts beside this file, and return its JSON with what it cost.

    What the script says of itself goes before what was measured from outside.
    """
    command = [sys.executable, str(HERE / f"{name}.py"), *map(str, arguments)]
    printed, cost = run(command)
    return {**asdict(cost), **json.loads(printed.splitlines()[-1])}
