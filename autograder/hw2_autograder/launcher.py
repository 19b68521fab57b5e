"""Between the grader and the hand-in's process: limits its time, and ends all that it has started.

A hand-in that kills its parent kills this process, not the grader.
"""
import contextlib
import glob
import os
import signal
import subprocess
import sys
import threading
import time

TIMED_OUT = 124  # the exit status, as the timeout command has it; 128 + n is signal n


def adopt_orphans():
    """On Linux, become the parent of processes that descendants leave behind, to find them."""
    if sys.platform == "linux":
        import ctypes
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def end_children():
    """On Linux, kill this process's children, and the orphans they leave, until none is left."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        children = []
        for path in glob.glob("/proc/self/task/*/children"):
            with contextlib.suppress(OSError), open(path) as file:  # a thread may have ended
                children += map(int, file.read().split())
        if not children:
            break
        for pid in children:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)


def wait(process, limit):
    """Return a process's exit status, after killing it if it takes longer than `limit` seconds.

    Popen.wait with a timeout polls, up to every 50 ms.
    """
    timer, deadline = threading.Timer(limit, process.kill), time.monotonic() + limit
    timer.daemon = True
    timer.start()
    status = process.wait()
    timer.cancel()
    return status if time.monotonic() < deadline else TIMED_OUT


def launch(limit, command):
    """Run a command for at most `limit` seconds and return its exit status."""
    adopt_orphans()
    process = subprocess.Popen(command, start_new_session=True)
    try:
        status = wait(process, limit)
    finally:
        with contextlib.suppress(AttributeError, OSError):  # Windows has no killpg
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        end_children()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(launch(float(sys.argv[1]), sys.argv[2:]))
