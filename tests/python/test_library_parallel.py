"""Fits that run at once have one thread each, and give the process its threads back."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from customer_segmentation.parallel import in_parallel, one_thread
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_info, threadpool_limits


@pytest.fixture(autouse=True)
def three_threads():
    # another thread, which OpenBLAS has not had the limit from before
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(threadpool_limits, 3).result()
    yield
    with ThreadPoolExecutor(1) as pool:
        pool.submit(before.restore_original_limits).result()


def threads(user_api):
    """Return the numbers of threads that the loaded libraries have."""
    return {found["num_threads"] for found in threadpool_info() if found["user_api"] == user_api}


def test_linear_algebra_has_one_thread_and_gets_its_own_back():
    openmp = threads("openmp")
    with one_thread():
        with one_thread():
            assert threads("blas") == threads("openmp") == {1}
        assert threads("blas") == threads("openmp") == {1}
    assert threads("blas") == {3}
    assert threads("openmp") == openmp


def test_threads_come_back_after_an_error():
    with pytest.raises(ValueError, match="too few"), one_thread():
        raise ValueError("too few")
    assert threads("blas") == {3}


def test_the_first_of_two_models_to_end_leaves_the_other_its_one_thread():
    step = Barrier(2, timeout=60)
    seen = []

    def first():
        with one_thread():
            step.wait()
            step.wait()
        step.wait()

    def second():
        step.wait()
        with one_thread():
            step.wait()
            step.wait()
            seen.append(threads("blas"))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    assert seen == [{1}]
    assert threads("blas") == {3}


def test_workers_have_one_thread_each_and_keep_the_order():
    found = in_parallel(lambda item: (item, threads("blas"), threads("openmp")), range(5))
    assert found == [(item, {1}, {1}) for item in range(5)]


def test_a_fit_inside_leaves_the_one_thread_alone():
    with one_thread():
        KMeans(2, n_init=1, random_state=0).fit(np.arange(20.0)[:, None])
        assert threads("blas") == threads("openmp") == {1}


AT_ONCE = """
import sys
from threading import Barrier, Thread

from customer_segmentation import imports

modules = ("registry", "parameters")
everybody, whole = Barrier(len(modules)), []


def load(module):
    everybody.wait()
    with imports:
        __import__(f"customer_segmentation.{module}")
    whole.append(module)


sys.setswitchinterval(1e-5)
threads = [Thread(target=load, args=(module,)) for module in modules]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(len(whole) < len(modules))
"""


def test_models_that_are_loaded_at_once_are_whole():
    # without the lock scikit-learn, begun at two of its ends, is half-loaded every other time
    outcome = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
