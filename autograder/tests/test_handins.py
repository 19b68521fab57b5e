"""Right, wrong and hostile hand-ins, graded by the runner: who loses what, and what is said."""
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import RUNNER
from handins import handin, pack
from hostile_handins import HOSTILE
from right_handins import RIGHT
from wrong_handins import WRONG

pytest.importorskip("torch")
POINTS = {"2": 5, "3.1.1": 20, "3.1.2": 40, "3.3": 10, "3.4": 10, "3.5": 15}
# What a change of one file alone can cost; of another file, any section.
SECTIONS = {"hw2/mc.py": ["2"], "hw2/mlp_scan.py": ["3.3", "3.4"], "hw2/hw2.py": ["3.5"]}
RUNS = 2  # of the script at a time, each with its share of a suite


class Report:
    """What the runner printed of one hand-in."""

    def __init__(self, text):
        self.text = text
        self.lines = text.splitlines()
        scores = json.loads(self.lines[-1])["scores"]
        # The sections that lost; 3.2, which has no points, by its line.
        self.lost = {name.split()[0] for name, n in scores.items() if n != POINTS[name.split()[0]]}
        self.lost |= {"3.2" for line in self.lines if re.match(r"3\.2 .* failed$", line)}


def changed(wrong):
    """Return the paths of the files that a wrong hand-in's edits change."""
    return [path for path, text in handin(*wrong.edits).items() if handin().get(path) != text]


def run(folder, handins, options):
    """Return the Report of each hand-in of one run, which leaves no file and no process behind."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
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

    def graded_once(test, name, edits_of, options_of, after=()):
        if (test, name) not in graded:
            names = list(dict.fromkeys(
                other for other in (item.callspec.params["name"] for item in request.session.items
                                    if item.originalname == test)
                if options_of(other) == options_of(name)))
            folder = tmp_path_factory.mktemp(test)

            def graded_names(i):
                handins = [files for name in names[i::RUNS]
                           for files in (handin(*edits_of(name)), *after)]
                reports = iter(run(folder / str(i), handins, options_of(name)))
                return {(test, name): [next(reports) for _ in (name, *after)]
                        for name in names[i::RUNS]}

            with ThreadPoolExecutor() as pool:
                for found in pool.map(graded_names, range(min(RUNS, len(names)))):
                    graded.update(found)
        return graded[test, name]

    return graded_once


@pytest.mark.parametrize("name", RIGHT)
def test_right(name, grade):
    report, = grade("test_right", name, RIGHT.get, lambda name: [])
    assert report.lost == set(), report.text


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name, grade):
    report, = grade("test_wrong", name, lambda name: WRONG[name].edits, lambda name: [
        "--seed", "3", *SECTIONS.get(" ".join(changed(WRONG[name])), [])])
    assert report.lost == set(WRONG[name].loses.split()), report.text
    assert WRONG[name].says in re.sub(r"\s+", " ", report.text.replace(" | ", " ")), report.text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name, grade):
    """It loses its section or not, what it prints is quoted, and the one after it is right."""
    report, student = grade("test_hostile", name, lambda name: HOSTILE[name].edits, lambda name: [
        HOSTILE[name].section, "--time-limit", "1.5"], after=[handin()])
    assert bool(report.lost) == HOSTILE[name].loses, report.text
    unquoted = [re.sub("'[^']*'", "", line) for line in report.lines[:-1]
                if not line.lstrip().startswith("| ")]
    assert not any("HOSTILE" in line or "scores" in line for line in unquoted)
    assert student.lost == set(), student.text
