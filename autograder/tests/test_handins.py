"""Right, wrong and hostile hand-ins, graded by the runner: who loses what, and what is said."""
import json
import os
import re
import subprocess
import sys

import pytest

from conftest import RUNNER
from handins import handin, pack
from hostile_handins import HOSTILE
from right_handins import RIGHT
from wrong_handins import WRONG

pytest.importorskip("torch")
POINTS = {"2": 5, "3.1.1": 20, "3.1.2": 40, "3.3": 10, "3.4": 10, "3.5": 15}
TOGETHER = 20  # hand-ins in a run of the script, so that parallel workers can share a suite


class Report:
    """What the runner printed of one hand-in."""

    def __init__(self, text):
        self.text = text
        self.lines = text.splitlines()
        scores = json.loads(self.lines[-1])["scores"]
        # The sections that lost; 3.2, which has no points, by its line.
        self.lost = {name.split()[0] for name, n in scores.items() if n != POINTS[name.split()[0]]}
        self.lost |= {"3.2" for line in self.lines if re.match(r"3\.2 .* failed$", line)}


def run(folder, handins, options):
    """Return the Report of each hand-in of one run, which leaves no file and no process behind."""
    temporary = folder / "tmp"
    temporary.mkdir()
    paths = [pack(folder / ("%d.tar" % i), files) for i, files in enumerate(handins)]
    command = [sys.executable, RUNNER, "-A", "-v", *options, "--handin", *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500,
                          env={**os.environ, "TMPDIR": str(temporary)})
    assert (done.returncode, done.stderr) == (0, "")
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(temporary) not in processes.stdout
    assert os.listdir(temporary) == []
    reports = [Report(part) for part in re.split(r"^hand-in .*\n", done.stdout, flags=re.M)[1:]]
    assert len(reports) == len(paths)
    return reports


@pytest.fixture(scope="session")
def grade(request, tmp_path_factory):
    """Grade a test's hand-in, and one after it, together with others that this session asks for."""
    graded = {}

    def graded_once(test, name, edits_of, *options, after=()):
        if (test, name, options) not in graded:
            names = list(dict.fromkeys(item.callspec.params["name"] for item in
                                       request.session.items if item.originalname == test))
            start = names.index(name) // TOGETHER * TOGETHER
            names = names[start:start + TOGETHER]
            handins = [files for name in names for files in (handin(*edits_of(name)), *after)]
            reports = iter(run(tmp_path_factory.mktemp(test), handins, options))
            graded.update({(test, name, options): [next(reports) for _ in (name, *after)]
                           for name in names})
        return graded[test, name, options]

    return graded_once


@pytest.mark.parametrize("name", RIGHT)
def test_right(name, grade):
    report, = grade("test_right", name, RIGHT.get)
    assert report.lost == set(), report.text


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name, grade):
    report, = grade("test_wrong", name, lambda name: WRONG[name].edits, "--seed", "3")
    assert report.lost == set(WRONG[name].loses.split()), report.text
    assert WRONG[name].says in re.sub(r"\s+", " ", report.text.replace(" | ", " ")), report.text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name, grade):
    """Only these sections lose, what it prints is quoted, and the hand-in after it gets 100."""
    report, student = grade("test_hostile", name, lambda name: HOSTILE[name].edits,
                            "2", "3.1.1", "3.5", "--time-limit", "5", after=[handin()])
    assert report.lost == set(HOSTILE[name].loses.split()) & {"2", "3.1.1", "3.5"}, report.text
    unquoted = [re.sub("'[^']*'", "", line) for line in report.lines[:-1]
                if not line.lstrip().startswith("| ")]
    assert not any("HOSTILE" in line or "scores" in line for line in unquoted)
    assert student.lost == set(), student.text
