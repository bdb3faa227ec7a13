"""Run independent fits side by side, each in one thread."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock

# what is loaded later would not be limited: scikit-learn brings along all that we call
import sklearn.cluster  # noqa: F401
from threadpoolctl import ThreadpoolController


class _OneThread:
    """Linear algebra in one thread, as long as anybody needs it so.

    The number of threads belongs to the process. dbt runs several Python models at once, and if
    each restored what it found, the first to end would give the others their threads back in the
    middle of a fit.
    """

    def __init__(self):
        self._lock = Lock()
        self._inside = 0
        self._limited = None

    def __enter__(self):
        with self._lock:
            if self._inside == 0:
                _hand_over()
                self._limited = _libraries("blas").limit(limits=1)
            self._inside += 1

    def __exit__(self, *_error):
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                _hand_over()
                self._limited.restore_original_limits()
                _hand_over()


_blas_in_one_thread = _OneThread()


@contextmanager
def one_thread():
    """Do linear algebra in one thread, as a block or as a decorator.

    Sums depend on how they are split among threads: in one, the same rows give the same bytes on
    any number of cores. It is quicker too: waiting for work, the threads of linear algebra burn
    ten times the processor time that small matrices take.
    """
    # The number of threads of OpenMP belongs to the calling thread alone.
    with _blas_in_one_thread, _libraries("openmp").limit(limits=1):
        yield


def in_parallel(function, items):
    """Return the results of a function for every item, in order.

    The results do not depend on how many run at once, because the calls share nothing that is
    written, and because linear algebra has one thread in each.
    """
    with one_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one_thread()(function), items))


@cache
def _libraries(user_api):
    """Return the libraries of a kind that have threads; to look for them takes milliseconds."""
    # those of the other kind are left out, or the end of a limit would restore them too
    return ThreadpoolController().select(user_api=user_api)


def _hand_over():
    """Let the calling thread set the limit, although another one has.

    Since version 3.8 of threadpoolctl OpenBLAS obeys the first thread that sets its limit, and no
    other until that one is done. The last of two models to end need not be the first to begin.
    """
    for library in _libraries("blas").lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)
