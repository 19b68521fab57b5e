"""What the README shows is what happens: its report, its example, Autolab; and the docstrings'."""
import doctest
import importlib
import json
import re
import shutil
import subprocess
import sys

import pytest

from conftest import RUNNER, TOP
from handins import handin, pack
from wrong_handins import WRONG

README = (TOP / "README.md").read_text()


def block(kind, after):
    """The first block of this kind after a piece of text."""
    return re.search(r"```%s\n(.*?)```" % kind, README.split(after)[1], re.DOTALL)[1]


def test_report(tmp_path):
    pytest.importorskip("torch")
    shown = block("text", "for a hand-in with one bug")
    seed = re.match(r"seed (\d+)\n", shown)[1]
    pack(tmp_path / "handin.tar", handin(*WRONG["kernel flipped"].edits))
    done = subprocess.run([sys.executable, RUNNER, "3.1.1", "--handin", "handin.tar", "--seed",
                           seed], cwd=tmp_path, capture_output=True, text=True)
    assert shown == done.stdout.replace(RUNNER, "autograder/hw2_autograder/runner.py")


def test_example(tmp_path):
    program, output = block("python", "## Use mytorch"), block("text", "\nIt prints\n")
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], text=True,
                          env={"PYTHONPATH": str(TOP)}, cwd=tmp_path, capture_output=True)
    assert (done.stdout, done.stderr) == (output, "")


@pytest.mark.parametrize("edits, total", [
    ([], 100), (WRONG["kernel flipped"].edits, 45), (None, 0)],
    ids=["perfect", "imperfect", "unreadable"])
def test_autolab(tmp_path, edits, total):
    """The tar command and the Makefile, run by make in an empty folder."""
    pytest.importorskip("torch")
    if not shutil.which("make"):
        pytest.skip("there is no make")
    subprocess.run(block("sh", "On Autolab"), shell=True, check=True, cwd=shutil.copytree(
        TOP, tmp_path / "top", ignore=shutil.ignore_patterns(".git", ".venv", "tests")))
    job = tmp_path / "job"
    job.mkdir()
    archive = shutil.move(tmp_path / "top" / "autograde.tar", job)
    assert (job / "autograde.tar").stat().st_size < 300 * 1024, archive
    (job / "Makefile").write_text(block("make", "On Autolab"))
    if edits is None:
        (job / "handin.tar").write_bytes(b"no tarball")
    else:
        pack(job / "handin.tar", handin(*edits))
    python = tmp_path / "bin" / "python3"  # the Makefile says python3, without this environment
    python.parent.mkdir()
    python.write_text('#!/bin/sh\nexec %s "$@"\n' % sys.executable)
    python.chmod(0o755)
    done = subprocess.run(["make"], cwd=job, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env={"PATH": "%s:/usr/bin:/bin" % python.parent})
    assert sum(json.loads(done.stdout.splitlines()[-1])["scores"].values()) == total


@pytest.mark.parametrize("module", ["conv", "linear", "activation", "loss", "batchnorm"])
def test_docstring_examples(module):
    module = importlib.import_module(module)
    failed, tried = doctest.testmod(module)
    assert not failed
    assert tried or module.__name__ == "activation"
