"""Starts the hand-in's processes, one for each exercise, bounds their time and collects results."""
import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

import child
import wire

# records: one for each case that got an answer, {"results", "arguments"} or {"error"};
# ended: what stopped the process before its last case, or None; printed: what it printed.
Outcome = namedtuple("Outcome", "records ended printed")

# A fork server imports NumPy once for all; forking after that is safe on Linux only.
_context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
if sys.platform == "linux":
    _context.set_forkserver_preload(["numpy", "numpy.random"])
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the arrays are small

PRINTED = 2000  # characters of what the hand-in prints that are kept


def start(top, exercises, time_limit):
    """Run exercises on the hand-in at `top`, two at a time, and return at once.

    Parameters
    ----------
    top : Path
        The folder that holds mytorch and hw2.
    exercises : dict
        The cases of each exercise, by its name.
    time_limit : float
        Seconds that an exercise may take.

    Returns
    -------
    dict
        A future of an Outcome for each exercise.
    """
    pool = ThreadPoolExecutor(max_workers=2)
    futures = {name: pool.submit(run, name, cases, top, time_limit)
               for name, cases in exercises.items()}
    pool.shutdown(wait=False)
    return futures


def run(exercise, cases, top, time_limit):
    """Run one exercise in a process of its own and return its Outcome."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = _context.Process(target=child.run, daemon=True,
                                   args=(exercise, cases, str(top), folder, time_limit))
        process.start()
        process.join(time_limit)
        status = process.exitcode
        with contextlib.suppress(ProcessLookupError, AttributeError):  # no killpg on Windows
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()
        records = _read(os.path.join(folder, "results"), len(cases))
        printed = ""
        with contextlib.suppress(OSError):
            with open(os.path.join(folder, "printed"), encoding="utf-8", errors="replace") as file:
                printed = file.read(PRINTED)
    ended = None if len(records) == len(cases) else _ending(status, time_limit)
    return Outcome(records, ended, printed)


def _read(path, count):
    """The records that arrived whole, in order."""
    records = []
    with contextlib.suppress(Exception), open(path, "rb") as file:
        while len(records) < count:
            record = wire.read(file)
            if not isinstance(record, dict) or not {"error", "results"} & set(record):
                break
            records.append(record)
    return records


def _ending(status, time_limit):
    if status is None:
        return "did not finish within %g s" % time_limit
    if status < 0:
        return "its process was killed: %s" % (signal.strsignal(-status) or -status)
    return "its process ended (exit status %d) before it returned" % status
