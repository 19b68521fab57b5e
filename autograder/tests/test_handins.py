"""Right, wrong and hostile hand-ins, graded by the runner: who loses what, and what is said."""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import RUNNER
from handins import handin, pack
from hostile_handins import HOSTILE
from hw2_autograder.sections import SECTIONS
from right_handins import RIGHT
from wrong_handins import WRONG

pytest.importorskip("torch")
POINTS = {section.number: section.points for section in SECTIONS}
# What a change of one file alone can cost; of another file, any section.
OWN_SECTIONS = {"hw2/mc.py": ["2"], "hw2/mlp_scan.py": ["3.3", "3.4"], "hw2/hw2.py": ["3.5"]}
RUNS = 2  # of the runner at a time
HANGS = 3600  # seconds after which a run is taken to hang


class Report:
    """What the runner printed of one hand-in."""

    def __init__(self, text):
        self.text = text
        self.lines = text.splitlines()

    def lost(self):
        """Return the numbers of the sections that lost, of those that were chosen."""
        scores = json.loads(self.lines[-1])["scores"]
        assert scores, self.text
        lost = set()
        for name, points in scores.items():
            number = name.split()[0]
            if points != POINTS[number]:
                lost.add(number)
        if any(re.match(r"3\.2 .* failed$", line) for line in self.lines):  # it has no points
            lost.add("3.2")
        return lost

    def says(self, sentence):
        """Return whether a sentence is in it, with whatever line ends."""
        return sentence in re.sub(r"\s+", " ", self.text.replace(" | ", " "))

    def unquoted(self):
        """Return the lines without what they quote of the hand-in, and without that of scores."""
        lines = [line for line in self.lines[:-1] if not line.lstrip().startswith("| ")]
        return re.sub(r"'[^'\n]*'", "", "\n".join(lines))


class Runs:
    """Grades the hand-ins that this session's tests ask for, many in one run of the runner.

    Each test has a job: a function that returns, by a hand-in's name, the runner's options and the
    files of the hand-ins to grade, one after the other.
    """

    def __init__(self, items, folder, pool):
        self.items = items
        self.folder = folder
        self.pool = pool
        self.futures = {}  # of a hand-in's run, by its job and its name

    def reports(self, job, name):
        """Return the Reports of a hand-in, or raise what its run ended with."""
        job(name)  # an edit that fails, fails here
        if (job, name) not in self.futures:
            self.start(job)
        return self.futures[job, name].result()[name]

    def names(self, job):
        """Return the names for which this session runs a job's test."""
        test = "test_" + job.__name__
        return [item.callspec.params["name"] for item in self.items if item.originalname == test]

    def start(self, job):
        """Start the runs of a job: hand-ins with the same options share them."""
        batches = {}
        for name in self.names(job):
            with contextlib.suppress(Exception):  # its own test raises it
                options, handins = job(name)
                batches.setdefault(tuple(options), {})[name] = handins
        for options, batch in batches.items():
            for i in range(RUNS):
                names = list(batch)[i::RUNS]
                part = {name: batch[name] for name in names}
                future = self.pool.submit(run, self.folder, part, options)
                for name in names:
                    self.futures[job, name] = future


def run(folder, batch, options):
    """Return each hand-in's Reports, by name, of one run, which leaves no file and no process.

    Parameters
    ----------
    folder : Path
        For the hand-ins' tarballs and the temporary files.
    batch : dict
        Lists of the files of hand-ins, by name.
    options : sequence of str
    """
    if not batch:
        return {}
    top = Path(tempfile.mkdtemp(dir=folder))
    temporary = top / "tmp"
    temporary.mkdir()
    paths = []
    for handins in batch.values():
        for files in handins:
            paths.append(pack(top / ("%d.tar" % len(paths)), files))
    command = [sys.executable, RUNNER, "-A", "-v", *options, "--handin", *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS,
                          env={**os.environ, "TMPDIR": str(temporary)})
    _, _, text = done.stdout.partition("\n")  # without the line on what is graded
    texts = re.split(r"^hand-in .*\n", text, flags=re.M)
    if len(paths) > 1:
        texts = texts[1:]
    assert len(texts) == len(paths), done.stdout + done.stderr
    if done.returncode != 2:  # 2: the grader failed at a hand-in, whose report has no scores
        assert (done.returncode, done.stderr) == (0, "")
    assert str(temporary) not in subprocess.check_output(["ps", "-wweo", "args"], text=True)
    assert os.listdir(temporary) == []
    reports = map(Report, texts)
    return {name: [next(reports) for _ in handins] for name, handins in batch.items()}


@pytest.fixture(scope="session")
def runs(request, tmp_path_factory):
    with ThreadPoolExecutor(RUNS) as pool:
        yield Runs(request.session.items, tmp_path_factory.mktemp("runs"), pool)


def right(name):
    return [], [handin(*RIGHT[name])]


@pytest.mark.parametrize("name", RIGHT)
def test_right(name, runs):
    report, = runs.reports(right, name)
    assert report.lost() == set(), report.text


def wrong(name):
    files = handin(*WRONG[name].edits)
    student = handin()
    changed = [path for path, text in files.items() if student.get(path) != text]
    return ["--seed", "3", *OWN_SECTIONS.get(" ".join(changed), [])], [files]


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name, runs):
    report, = runs.reports(wrong, name)
    assert report.lost() == set(WRONG[name].loses.split()), report.text
    assert report.says(WRONG[name].says), report.text


def hostile(name):
    limit = "60" if HOSTILE[name].ends else "10"
    return [HOSTILE[name].section, "--time-limit", limit], [handin(*HOSTILE[name].edits), handin()]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name, runs):
    """It loses its section or not, what it prints is quoted, and the one after it is right."""
    report, student = runs.reports(hostile, name)
    assert bool(report.lost()) == HOSTILE[name].loses, report.text
    assert report.says(HOSTILE[name].says), report.text
    assert "HOSTILE" not in report.unquoted()
    assert "scores" not in report.unquoted()
    assert student.lost() == set(), student.text
