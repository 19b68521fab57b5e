"""Starts the hand-in's processes, one for each check, and ends them and all that they started."""
import contextlib
import ctypes
import multiprocessing
import multiprocessing.forkserver
import multiprocessing.popen_forkserver  # now, not when a hand-in's process is started
import os
import re
import signal
import sys
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import child, wire

# records: a Record for each case that came to an end; ended: what stopped the process before its
# last case, or None; line: where in the hand-in it was when the time ran out; printed: its text.
Outcome = namedtuple("Outcome", "records ended line printed")

LIMIT = 2 ** 26  # bytes of results that are read
PRINTED = 2000  # bytes of what is printed that are kept, from the start and from the end
LINUX = sys.platform == "linux"

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the arrays are small
_context = multiprocessing.get_context("forkserver" if LINUX else "spawn")
_processes = set()  # of hand-ins, that run now
_own = set()  # this process's children that are not a hand-in's
_stopped = threading.Event()
_starting = threading.Lock()


def prepare():
    """Start what the hand-in's processes are forked from, while nothing of a hand-in runs yet."""
    if not LINUX:
        return
    # Orphans of any session or group become this process's children, to be found and killed.
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
    _context.set_forkserver_preload(["hw2_autograder.checks", "hw2_autograder.child"])
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    saved = [os.dup(descriptor) for descriptor in (0, 1, 2)]
    null = os.open(os.devnull, os.O_RDWR)
    try:  # no process of a hand-in's inherits the grader's output, or a parent that has it
        for descriptor in 0, 1, 2:
            os.dup2(null, descriptor)
        multiprocessing.forkserver.ensure_running()
    finally:
        for descriptor in 0, 1, 2:
            os.dup2(saved[descriptor], descriptor)
            os.close(saved[descriptor])
        os.close(null)
        os.environ.pop("PYTHONPATH")
        if path is not None:
            os.environ["PYTHONPATH"] = path
    _own.update(_children())


def start(top, checks, time_limit):
    """Run checks on the hand-in at `top`, two at a time, and return at once.

    Parameters
    ----------
    top : Path
        The folder that holds mytorch and hw2.
    checks : dict
        The cases of each check, by the check.
    time_limit : float
        Seconds that a check may take.

    Returns
    -------
    dict
        A future of an Outcome for each check.
    """
    pool = ThreadPoolExecutor(max_workers=2)
    futures = {check: pool.submit(run, check, cases, top, time_limit)
               for check, cases in checks.items()}
    pool.shutdown(wait=False)
    return futures


def run(check, cases, top, time_limit, breaks=True):
    """Run one check in a process of its own, past its breakpoints or not; return its Outcome."""
    (results, results_end), (printed, printed_end) = _context.Pipe(False), _context.Pipe(False)
    process = _context.Process(target=child.run, args=(
        check, cases, str(top), time_limit, results_end, printed_end, breaks))
    with _starting:
        if _stopped.is_set():
            return Outcome([], "was not started", None, "")
        try:
            process.start()
        except (OSError, EOFError) as error:
            return Outcome([], "its process could not be started: %s" % error, None, "")
        _processes.add(process)
    results_end.close()
    printed_end.close()
    drains = _Drain(results, LIMIT), _Drain(printed, PRINTED)
    process.join(time_limit)
    status = process.exitcode
    _processes.discard(process)
    _kill(process)
    for drain in drains:
        drain.join(1)
    records, ended = _records(bytes(drains[0].head), len(cases))
    if len(records) < len(cases):
        ended = ended or _ending(status, time_limit)
    text = bytes(drains[1].head + drains[1].tail).decode(errors="replace")
    return Outcome(records, ended, _last_line(text, str(top)) if status is None else None, text)


def stop():
    """End every process at once; what has not started yet does not start."""
    with _starting:
        _stopped.set()
    for process in list(_processes):
        _kill(process)


class _Drain(threading.Thread):
    """Reads a pipe to its end; keeps as much of its head, and of its tail where it is longer."""

    def __init__(self, connection, keep):
        super().__init__(daemon=True)
        self.connection, self.keep = connection, keep
        self.head, self.tail = bytearray(), bytearray()
        self.start()

    def run(self):
        with self.connection:
            while chunk := os.read(self.connection.fileno(), 2 ** 16):
                room = self.keep - len(self.head)
                self.head += chunk[:max(room, 0)]
                self.tail = (self.tail + chunk[max(room, 0):])[-PRINTED:]


def _kill(process):
    """End a process of the hand-in's, its group, and whatever else it has left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    for pid in _own:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)  # the hand-in may have stopped what starts the processes
    process.join(5)
    deadline = time.monotonic() + 5
    while LINUX and time.monotonic() < deadline:
        strays = _children() - _own
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if not strays:
            break


def _children():
    """The processes whose parent this one is."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state ppid ...", and a name may hold anything
            if int(path.read_bytes().rpartition(b")")[2].split()[1]) == os.getpid():
                found.add(int(path.parent.name))
    return found


def _records(data, count):
    """The records that arrived whole, in order, and what is wrong with the one after them."""
    records = []
    for line in data.split(b"\n")[:-1][:count]:
        try:
            records.append(wire.read(line))
        except ValueError:
            return records, "sent back something that is not a result"
    return records, None


def _ending(status, time_limit):
    if status is None:
        return "did not finish within %g s" % time_limit
    if status < 0:
        return "its process was killed: %s" % (signal.strsignal(-status) or -status)
    return "its process ended (exit status %d) before it returned" % status


def _last_line(text, top):
    """Where in the hand-in it was, of a traceback that faulthandler wrote."""
    places = re.findall(r'File "%s/(.*)", line (\d+) in (.*)' % re.escape(top),
                        text.rpartition("Timeout (")[2])
    return "%s, line %s, in %s" % places[0] if places else None
