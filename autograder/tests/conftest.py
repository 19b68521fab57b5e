"""Lets the tests import the library, the homework and the autograder as their users do."""
import importlib.util
import os
import re
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

# A shell's background jobs ignore Ctrl-C, and so would the runs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the tests' arrays are small

TOP = Path(__file__).resolve().parents[2]
needs_torch = pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="needs torch")
RUNNER = str(TOP / "autograder" / "hw2_autograder" / "runner.py")
if sys.platform != "linux":  # these need Linux's processes, signals and file names
    collect_ignore = ["test_grader.py", "test_handins.py", "test_runner.py", "test_tarball.py"]
for folder in TOP / "autograder", TOP / "hw2", TOP / "mytorch":
    sys.path.insert(0, str(folder))


def pytest_collection_modifyitems(items):
    """Put the hand-ins' tests last: they are graded in the background while the others run."""
    items.sort(key=is_of_hand_ins)


def is_of_hand_ins(item):
    return item.path.name == "test_handins.py"


@pytest.fixture(scope="session", autouse=True)
def runs(request, tmp_path_factory):
    """The runs of the hand-ins whose tests were chosen."""
    from runs import AT_A_TIME, Runs
    pool = ThreadPoolExecutor(AT_A_TIME)
    items = filter(is_of_hand_ins, request.session.items)
    yield Runs(items, tmp_path_factory.mktemp("runs"), pool)
    pool.shutdown(cancel_futures=True)


def run(*arguments, runner=RUNNER, python=(sys.executable,), **options):
    """Run the autograder's script and return what came of it."""
    return subprocess.run([*python, runner, *map(str, arguments)], timeout=100,
                          **{"capture_output": True, "text": True, **options})


def run_here(*arguments):
    """Run it in this process, where torch is imported once for all tests; return the status."""
    from hw2_autograder import command_line
    with np.errstate(), warnings.catch_warnings():
        return command_line.main([*map(str, arguments)])


def unfolded(text):
    """Return a text with single spaces in place of its line ends."""
    return re.sub(r"\s+", " ", text)


def unpack(files, folder):
    """Write a hand-in's files, text or bytes by path, below a folder, and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
