"""Lets the tests import the library, the homework and the autograder as their users do."""
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the tests' arrays are small

TOP = Path(__file__).resolve().parents[2]
RUNNER = str(TOP / "autograder" / "hw2_autograder" / "runner.py")
for folder in TOP / "autograder", TOP / "hw2", TOP / "mytorch":
    sys.path.insert(0, str(folder))


def run(*arguments, runner=RUNNER, python=(sys.executable,), **options):
    """Run the autograder's script and return what came of it."""
    return subprocess.run([*python, runner, *map(str, arguments)], timeout=100,
                          **{"capture_output": True, "text": True, **options})


def unpack(files, folder):
    """Write a hand-in's files, text or bytes by path, below a folder, and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
