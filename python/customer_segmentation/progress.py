"""Run dbt and say how far it is: `python -m customer_segmentation.progress build ...`.

Every argument is dbt's. Only warnings, errors and the state of progress are printed, in place of a
line or two per node; logs/dbt.log has those.
"""

from __future__ import annotations

import gc
import sys
from shutil import get_terminal_size

STEPS = 4


class Progress:
    """Follow the events of dbt, and print where the run is.

    On a terminal one line is rewritten with each node; anywhere else, such as in a log of CI, a
    line is printed at each quarter of the way.

    Parameters
    ----------
    stream : text stream to print on.

    Attributes
    ----------
    said : str. The warnings and errors so far.
    """

    def __init__(self, stream):
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._told = 0
        self.said = ""

    def __call__(self, event) -> None:
        """Take one event of dbt: a start or an end of a node, a warning, an error."""
        if event.info.level in ("warn", "error"):
            self._clear()
            self.said += event.info.msg
            print(event.info.msg, file=self._stream, flush=True)
        elif event.info.name == "LogStartLine":
            self._state(event.data.index, event.data.total, event.data.node_info.node_name)

    def end(self) -> None:
        """Leave the terminal with nothing of the line on it."""
        self._clear()

    def _state(self, index, total, name):
        state = f"{index:,} of {total:,}: {name}"
        if self._is_terminal:
            width = get_terminal_size().columns - 1
            print(f"\r\033[K{state[:width]}", end="", file=self._stream, flush=True)
        elif STEPS * index // total > self._told:
            self._told = STEPS * index // total
            print(state, file=self._stream, flush=True)

    def _clear(self):
        if self._is_terminal:
            print("\r\033[K", end="", file=self._stream, flush=True)


# Without a level of its own the file would get none either.
LOGGING = ("--log-level", "none", "--log-level-file", "info")


def main(arguments=None, listeners=()) -> int:
    """Run dbt with these arguments; return 0 if all went well, 1 if a node failed, 2 if dbt did.

    Parameters
    ----------
    arguments : list of str; None means those of the command line.
    listeners : sequence of callables that get every event of dbt too.
    """
    progress = Progress(sys.stderr)
    command = sys.argv[1:] if arguments is None else arguments
    # What dbt makes lives until the process ends: the search for cycles in it costs a tenth of a
    # small build, and frees nothing.
    gc.disable()
    try:
        # Whoever has no dbt in this environment has the rest of the library all the same.
        from dbt.cli.main import dbtRunner

        result = dbtRunner(callbacks=[progress, *listeners]).invoke([*LOGGING, *command])
    finally:
        gc.enable()
    progress.end()
    if result.exception is not None:
        # most of them dbt has told as an event too
        if str(result.exception) not in progress.said:
            print(result.exception, file=sys.stderr)
        return 2
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(main())
