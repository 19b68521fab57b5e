"""Runs sections of a hand-in in a process of their own and returns what came of their cases.

The grader starts a launcher, and the launcher starts the process that runs the hand-in, which draws
the same cases from the same seed. Each has a session of its own, where the system has sessions.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import namedtuple
from pathlib import Path

import numpy as np

from . import handin, launcher, wire

# records: a Record for each case that came to its end, in order; ended: what stopped the process
# before the last case, or None; line: where the hand-in was when its time ran out, or None.
Outcome = namedtuple("Outcome", "records ended line")

LIMIT = 2 ** 26  # bytes of results that are read
PACKAGES = [str(Path(module).resolve().parents[1]) for module in (np.__file__, __file__)]
PYTHON = [sys.executable, "-I", "-S"]  # without the packages installed beside NumPy
START = ("import sys; sys.path += sys.argv[1:3]; from hw2_autograder.child import main;"
         " main(*sys.argv[3:])")

_running = set()
_stopped = threading.Event()


class NotStarted(OSError):
    """The process could not be started, which is not the hand-in's fault."""


def run(files, sections, seed, time_limit):
    """Run the checks of these sections on a hand-in, one after the other; return the Outcome.

    Parameters
    ----------
    files : dict
        The hand-in's contents by path. It runs in a copy of its own, which goes away.
    time_limit : float
        Seconds.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, \
            tempfile.TemporaryFile() as results, tempfile.TemporaryFile() as printed:
        top, temporary = os.path.join(folder, "handin"), os.path.join(folder, "tmp")
        handin.write(files, top)
        os.mkdir(temporary)
        environment = {name: value for name, value in os.environ.items() if name.startswith((
            "PATH", "LANG", "LC_", "LD_", "SYSTEMROOT", "OPENBLAS_"))}
        environment.update(dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), temporary),
                           OPENBLAS_NUM_THREADS="1")  # the arrays are small
        process = subprocess.Popen(
            [*PYTHON, launcher.__file__, str(time_limit), *PYTHON, "-c", START, *PACKAGES, top,
             ",".join(section.number for section in sections), str(seed),
             str(time.time() + time_limit)], stdin=subprocess.DEVNULL, stdout=results,
            stderr=printed, cwd=top, env=environment, start_new_session=True)
        _running.add(process)
        try:
            status = launcher.wait(process, 0 if _stopped.is_set() else time_limit + 1)
        finally:
            process.kill()
            process.wait()
            _running.discard(process)
        results.seek(0)
        printed.seek(max(printed.seek(0, os.SEEK_END) - 2 ** 16, 0))  # the end says where it was
        return _outcome(results.read(LIMIT), printed.read().decode(errors="replace"), status,
                        time_limit, top)


def stop():
    """Kill all running processes, and let none start after."""
    _stopped.set()
    for process in list(_running):
        process.kill()


def _outcome(results, printed, status, time_limit, top):
    """Return the Outcome, from what a process sent back and printed."""
    ready, *lines = results.split(b"\n")
    if ready != b"ready":
        raise NotStarted("a process did not start: %s" % (
            printed.strip()[-200:] or "its time ran out"))
    records, ended, line = [], None, None
    for text in lines[:-1]:
        try:
            records.append(wire.read(text))
        except ValueError:
            return Outcome(records, "its process sent back something that is not a result", None)
    if status == launcher.TIMED_OUT or (
            lines[-1] != b"done" and "\nTimeout (" in "\n" + printed):
        ended = "did not finish within %g s" % time_limit
        places = re.findall(r'File "%s.(.*)", line (\d+) in (.*)' % re.escape(top),
                            printed.rpartition("Timeout (")[2])
        line = "%s, line %s, in %s" % places[0] if places else None
    elif lines[-1] != b"done" or status:
        number = -status if status < 0 else status - 128
        ended = "its process ended (%s) before it returned" % (
            signal.Signals(number).name if number in set(signal.Signals)
            else "exit status %d" % status)
    return Outcome(records, ended, line)
