"""What the README shows is what happens: its report, its example, Autolab; and the docstrings'."""
import doctest
import importlib
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from conftest import RUNNER, TOP
from handins import handin, pack
from hw2_autograder.sections import SECTIONS
from wrong_handins import WRONG

README = (TOP / "README.md").read_text()


def block(kind, after):
    """The first block of this kind after a piece of text."""
    return re.search(r"```%s\n(.*?)```" % kind, README.split(after)[1], re.DOTALL)[1]


def test_report(tmp_path):
    pytest.importorskip("torch")
    shown = block("text", "for a hand-in with one bug")
    first, rest = shown.split("\n", 1)
    name, seed = re.fullmatch(r"grading (\S+)   Python \S+, NumPy \S+, PyTorch \S+, seed (\d+)",
                              first).groups()
    pack(tmp_path / name, handin(*WRONG["kernel flipped"].edits))
    done = subprocess.run([sys.executable, RUNNER, "3.1.1", "--handin", name, "--seed", seed],
                          cwd=tmp_path, capture_output=True, text=True)
    printed = done.stdout.replace(RUNNER, "autograder/hw2_autograder/runner.py")
    assert rest == printed.split("\n", 1)[1]


def test_autolabs_problems_and_points_are_those_of_the_table():
    shown = re.sub(r"\s+", " ", README)
    for section in SECTIONS:
        problem = "`%s %s` (%d)" % (section.number, section.title, section.points)
        assert (problem in shown) == bool(section.points)


def test_each_python_and_numpy_that_it_names_is_tested():
    """By .ci/run or by the workflow; not so what "should" work, or what the benchmark ran on."""
    ci = (TOP / ".ci" / "run").read_text()
    workflow = (TOP / ".github" / "workflows" / "tests.yml").read_text()
    oldest = dict(re.findall(r"\[(\d+)\]=(\d+\.\d+)", ci))  # NumPy for Python 3.N
    matrix, = re.findall(r"python: \[(.*)\]", workflow)
    tested = set(map(int, [*oldest, *re.findall(r"3\.(\d+)", matrix)]))
    prose = re.sub("```.*?```", "", README, flags=re.DOTALL)
    promises = " ".join(sentence for sentence in re.split(r"\.\s", prose)
                        if not re.search("should|benchmark|EPYC", sentence))
    pythons = re.findall(r"Python\s3\.(\d+)(?:\sto\s3\.(\d+))?", promises)
    numpys = re.findall(r"NumPy\s(\d+\.\d+)", promises)
    assert pythons and numpys and "or newer" not in promises
    for first, last in pythons:
        assert set(range(int(first), int(last or first) + 1)) <= tested
    assert set(numpys) <= set(oldest.values())


def test_example(tmp_path):
    program, output = block("python", "## Use mytorch"), block("text", "\nIt prints\n")
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], text=True,
                          cwd=tmp_path, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(TOP)})
    assert (done.stdout, done.stderr) == (output, "")


POINTS = {section.number: section.points for section in SECTIONS}
RIGHT = sum(POINTS.values())
FLIPPED = WRONG["kernel flipped"]


@pytest.mark.parametrize("edits, total", [
    ([], RIGHT), (FLIPPED.edits, RIGHT - sum(POINTS[n] for n in FLIPPED.loses.split())), (None, 0)],
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
    scores = json.loads(done.stdout.splitlines()[-1])["scores"]
    assert len(scores) == sum(points > 0 for points in POINTS.values())
    assert sum(scores.values()) == total


@pytest.mark.parametrize("module", [
    "conv", "linear", "activation", "loss", "batchnorm", "hw2", "mlp"])
def test_docstring_examples(module):
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert not failed
    assert tried
