"""Right, wrong and hostile hand-ins, graded by the runner: who loses what, and what is said."""
import json
import re
import subprocess
import sys

import pytest

from conftest import RUNNER
from handins import handin, pack
from hostile_handins import HOSTILE_LAYERS, HOSTILE_LETTERS
from right_handins import RIGHT
import wrong_handins_by_adversary  # adds to WRONG
import wrong_handins_by_student  # does too
from wrong_handins import WRONG

pytest.importorskip("torch")
POINTS = {"2": 5, "3.1.1": 20, "3.1.2": 40, "3.3": 10, "3.4": 10, "3.5": 15}


class Report:
    """What the runner printed of one hand-in."""

    def __init__(self, text):
        self.text = text
        self.lines = text.splitlines()
        scores = json.loads(self.lines[-1])["scores"]
        # The sections that lost; 3.2, which has no points, by its line.
        self.lost = {name.split()[0] for name, n in scores.items() if n != POINTS[name.split()[0]]}
        self.lost |= {"3.2" for line in self.lines if re.match(r"3\.2 .* failed$", line)}


@pytest.fixture(scope="session")
def grade(request, tmp_path_factory):
    """Grade all hand-ins of a suite that this session's tests ask for, in one run of the script."""
    graded = {}

    def graded_once(test, suite, *options):
        if test not in graded:
            chosen = [item.callspec.params["name"] for item in request.session.items
                      if item.originalname == test]
            folder = tmp_path_factory.mktemp(test)
            paths = [pack(folder / ("%d.tar" % i), suite[name]) for i, name in enumerate(chosen)]
            command = [sys.executable, RUNNER, *options, "-A", "-v", "--handin", *paths]
            done = subprocess.run(command, capture_output=True, text=True, timeout=500)
            assert (done.returncode, done.stderr) == (0, "")
            parts = re.split(r"^hand-in .*\n", done.stdout, flags=re.M)[1:]
            assert len(parts) == len(chosen)
            graded[test] = {name: Report(part) for name, part in zip(chosen, parts)}
        return graded[test]

    return graded_once


@pytest.mark.parametrize("name", RIGHT)
def test_right(name, grade):
    suite = {name: handin(*edits) for name, edits in RIGHT.items()}
    report = grade("test_right", suite, "2", "3")[name]
    assert report.lost == set(), report.text


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name, grade):
    suite = {name: handin(*wrong.edits) for name, wrong in WRONG.items()}
    report = grade("test_wrong", suite, "2", "3", "--seed", "3")[name]
    assert report.lost == set(WRONG[name].loses.split()), report.text
    assert WRONG[name].says in re.sub(r"\s+", " ", report.text.replace(" | ", " ")), report.text


def check_hostile(report, loses):
    """Only these sections lost, and what the hand-in printed is quoted in the report."""
    assert report.lost == set(loses.split()), report.text
    unquoted = [re.sub("'[^']*'", "", line) for line in report.lines[:-1]
                if not line.lstrip().startswith("| ")]
    assert not any("HOSTILE" in line or "scores" in line for line in unquoted)


@pytest.mark.parametrize("name", HOSTILE_LETTERS)
def test_hostile_letters(name, grade):
    suite = {name: handin(*hostile.edits) for name, hostile in HOSTILE_LETTERS.items()}
    report = grade("test_hostile_letters", suite, "2", "3.3", "--time-limit", "1")[name]
    check_hostile(report, HOSTILE_LETTERS[name].loses)


@pytest.mark.parametrize("name", HOSTILE_LAYERS)
def test_hostile_layers(name, grade):
    suite = {name: handin(*hostile.edits) for name, hostile in HOSTILE_LAYERS.items()}
    report = grade("test_hostile_layers", suite, "2", "3")[name]
    check_hostile(report, HOSTILE_LAYERS[name].loses)
