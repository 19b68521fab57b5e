"""Runs sections of a hand-in in a process of their own and returns what came of their cases.

The grader starts a launcher, and the launcher starts the process that runs the hand-in, which draws
the same cases from the same seed. They have a session of their own, where the system has sessions.
"""
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import handin, launcher, wire
from .results import Stop

ROOM = 2 ** 24  # bytes that have to be free for results
MAX_RESULTS = 2 ** 26  # bytes that are read
MAX_PRINTS = 1500  # bytes of what is printed that are kept, from the start
MAX_DUMP = 2 ** 16  # bytes of what is printed that are searched, from the end
GRACE = 1.0  # seconds for a process to end by itself when its time is over
PACKAGES = [str(Path(module).resolve().parents[1]) for module in (np.__file__, __file__)]
PYTHON = [sys.executable, "-I", "-S"]  # without the packages installed beside NumPy
START = """
import sys
packages = sys.argv[1:3]
sys.path += packages
from hw2_autograder.child import main
sys.path[:] = [path for path in sys.path if path not in packages]
main(*sys.argv[3:])
"""
KEPT_PREFIXES = ("PATH", "LANG", "LC_", "LD_", "SYSTEMROOT", "OPENBLAS_")  # of the environment

FOLDER_NAME = "hw2p1_handin"  # of the hand-in's folder, to be found in what faulthandler prints

_running = {}  # the file of each process's results
_stopped = threading.Event()


class NotStarted(Exception):
    """The process could not be started, which is not the hand-in's fault."""


@dataclass(frozen=True)
class Outcome:
    """What came of the cases of some sections."""

    cases: list  # a CaseResult for each case that came to its end, in order
    stop: Stop | None  # what ended the process before the last case, if anything did


def run(files, sections, seed, time_limit):
    """Run the checks of these sections on a hand-in, one after the other; return the Outcome.

    Parameters
    ----------
    files : dict
        The hand-in's contents by path. It runs in a copy of its own, which goes away.
    time_limit : float
        Seconds.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        results = stack.enter_context(tempfile.TemporaryFile())
        printed = stack.enter_context(tempfile.TemporaryFile())
        folder = os.path.realpath(folder)  # as the hand-in may see it
        top = os.path.join(folder, FOLDER_NAME)
        home = os.path.join(folder, "home")
        results.write(bytes(ROOM))  # a full disk is not the hand-in's fault
        results.truncate(0)
        results.seek(0)
        handin.write(files, top)
        os.mkdir(home)
        start = time.time()
        numbers = ",".join(section.number for section in sections)
        process = subprocess.Popen(
            [*PYTHON, launcher.__file__, *PYTHON, "-c", START, *PACKAGES, top, numbers, str(seed),
             str(start + time_limit)],
            stdin=subprocess.DEVNULL, stdout=results, stderr=printed, cwd=top,
            env=environment(home), start_new_session=True)
        _running[process] = results
        try:
            status = wait(process, time_limit + GRACE)
        finally:
            end(process)
            if process.returncode < 0:  # the launcher could not end what the hand-in has left
                launcher.kill_all(lambda: launcher.marked(home))
            del _running[process]
        timed_out = time.time() > start + time_limit
        size = printed.seek(0, os.SEEK_END)
        printed.seek(0)
        start_of_prints = printed.read(MAX_PRINTS).decode(errors="replace")
        printed.seek(max(size - MAX_DUMP, 0))
        dump = printed.read().decode(errors="replace")
        place = None
        if timed_out:  # what faulthandler prints is no print of the hand-in
            start_of_prints, _, _ = start_of_prints.partition("Timeout (")
            place = _place(dump)
        stop = Stop(_reason(status, time_limit, timed_out), timed_out, place, start_of_prints, size)
        results.seek(0)
        return _outcome(results.read(MAX_RESULTS), dump, status, stop)


def environment(home):
    """Return the environment variables of the hand-in's process."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT_PREFIXES)}
    for name in "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP":
        kept[name] = home
    kept["OPENBLAS_NUM_THREADS"] = "1"  # the arrays are small
    return kept


def wait(process, seconds):
    """Return a process's exit status, after killing it if it takes longer.

    Popen.wait with a timeout polls, up to every 50 ms.
    """
    if _stopped.is_set():
        seconds = 0
    timer = threading.Timer(seconds, end, [process])
    timer.daemon = True
    timer.start()
    status = process.wait()
    timer.cancel()
    return status


def end(process):
    """Kill a process and its session."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has no killpg
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def cases_done():
    """Return how many cases the running processes have done, where the system lets one look."""
    done = 0
    for results in list(_running.values()):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # it may be closed by now
            # The process writes at the file's position: it has to stay where it is.
            lines = os.pread(results.fileno(), MAX_RESULTS, 0).count(b"\n")
            done += max(lines - 1, 0)  # less the first, which says that it is ready
    return done


def stop_all():
    """Kill all running processes, and let none start after."""
    _stopped.set()
    for process in list(_running):
        end(process)


def _reason(status, time_limit, timed_out):
    """Return why a process ended, as a phrase."""
    if timed_out:
        return "did not finish within %g s" % time_limit
    number = -status if status < 0 else status - 128
    if number > 1 and number in set(signal.Signals):
        return "its process ended (%s) before it returned" % signal.Signals(number).name
    shown = "%d" % status if status < 256 else "0x%X" % status
    return "its process ended (exit status %s) before it returned" % shown


def _outcome(results, printed, status, stop):
    """Return the Outcome, from what a process sent back, printed and ended with."""
    ready, *lines = results.split(b"\n")
    if ready != b"ready":
        raise NotStarted("a process did not start: %s" % (printed.strip() or stop.reason))
    cases = []
    for line in lines[:-1]:
        try:
            cases.append(wire.read(line))
        except ValueError:
            reason = "its process sent back something that is not a result"
            return Outcome(cases, Stop(reason, False, None))
    done = lines[-1:] == [b"done"] and status == 0
    return Outcome(cases, None if done else stop)


def _place(printed):
    """Return where the hand-in was when its time ran out, as faulthandler printed it, or None."""
    _, _, dump = printed.rpartition("Timeout (")
    dump = dump.replace("\\", "/")  # as Windows writes paths
    found = re.search(r'File ".*%s/(.*)", line (\d+) in (.*)' % FOLDER_NAME, dump)
    return found and "%s, line %s, in %s" % found.groups()
