"""Between the grader and the hand-in's process: ends all that the hand-in has started.

A hand-in that kills its parent kills this process, not the grader.
"""
import contextlib
import glob
import os
import signal
import subprocess
import sys
import time

SECONDS = 5  # for processes to end in


def adopt_orphans():
    """On Linux, become the parent of processes that descendants leave behind, to find them."""
    if sys.platform == "linux":
        import ctypes
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def children():
    """Return the numbers of this process's children, where the system tells them."""
    found = []
    for path in glob.glob("/proc/self/task/*/children"):
        with contextlib.suppress(OSError), open(path) as file:  # a thread may have ended
            found += map(int, file.read().split())
    return found


def marked(folder):
    """Return the numbers of the processes that were started with this folder as their home."""
    found = []
    for path in glob.glob("/proc/[0-9]*/environ"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            if b"\0HOME=%s\0" % os.fsencode(folder) in b"\0" + file.read() + b"\0":
                found.append(int(path.split("/")[2]))
    return found


def kill_all(find):
    """Kill the processes that a function finds, until it finds none."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        pids = find()
        if not pids:
            break
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(pid, os.WNOHANG)


def main(command):
    """Run a command and return its exit status, that of signal n as 128 + n."""
    adopt_orphans()
    status = subprocess.call(command, stdout=1, stderr=2)
    kill_all(children)
    if status >= 2 ** 31:  # on Windows, of a crash; sys.exit takes signed numbers
        return status - 2 ** 32
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
