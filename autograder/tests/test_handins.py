"""Right, wrong and hostile hand-ins, graded by the runner: who loses what, and what is said."""
import pytest

from handins import handin
from hostile_handins import HOSTILE
from hw2_autograder.sections import SECTIONS
from right_handins import RIGHT
from wrong_handins import WRONG

pytest.importorskip("torch")
# The sections that are about a file. What else its mistakes cost is tried with some of them.
ABOUT = {"hw2/mc.py": ["2"], "hw2/mlp_scan.py": ["3.3", "3.4"], "hw2/hw2.py": ["3.5"],
         "mytorch/conv.py": ["3.1.1", "3.1.2", "3.2"], "mytorch/activation.py": ["3.2", "3.5"],
         "mytorch/linear.py": ["3.2", "3.5"], "mytorch/loss.py": ["3.2", "3.5"]}
ALL = [section.number for section in SECTIONS]


def right(name):
    return [], [handin(*RIGHT[name])]


@pytest.mark.parametrize("name", RIGHT)
def test_right(name, runs):
    report, = runs.reports(right, name)
    assert report.lost() == set(), report.text


def sections_about(files):
    """Return the numbers of the sections that are about the files that were changed."""
    student = handin()
    found = set()
    for path in {*files, *student}:
        if files.get(path) != student.get(path):
            found.update(ABOUT.get(path, ALL))
    return found


def wrong(name):
    files = handin(*WRONG[name].edits)
    return ["--seed", "3", *sorted(sections_about(files))], [files]


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name, runs):
    report, = runs.reports(wrong, name)
    about = sections_about(handin(*WRONG[name].edits))
    assert report.lost() == about.intersection(WRONG[name].loses.split()), report.text
    assert report.says(WRONG[name].says), report.text


def wrong_in_all_sections(name):
    return ["--seed", "3"], [handin(*WRONG[name].edits)]


@pytest.mark.parametrize("name", list(WRONG)[::12])
def test_wrong_in_all_sections(name, runs):
    report, = runs.reports(wrong_in_all_sections, name)
    assert report.lost() == set(WRONG[name].loses.split()), report.text


def hostile(name):
    limit = "60" if HOSTILE[name].ends else "2"
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
