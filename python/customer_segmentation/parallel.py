"""Run independent fits side by side, each in one thread."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits


def in_parallel(function, items):
    """Return the results of a function for every item, in order.

    The results do not depend on how many run at once, because the calls share nothing that is
    written, and because linear algebra, whose sums depend on the number of threads, has one each.
    """
    # The outer limit is what each fit finds and restores: without it, the first fit to end would
    # give the linear algebra of the others its threads back.
    with threadpool_limits(limits=1), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))
