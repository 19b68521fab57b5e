"""Wrong, right and hostile hand-ins, graded by the real runner: who loses what, and what is said."""
import io
import json
import re
import subprocess
import sys
import tarfile

import pytest

from conftest import TOP
from hostile_handins import HOSTILE
from right_handins import RIGHT
from wrong_handins import WRONG

pytest.importorskip("torch")
import mistakes

RUNNER = TOP / "autograder" / "hw2_autograder" / "runner.py"
POINTS = {"2": 5, "3.1.1": 20, "3.1.2": 40, "3.2": 0, "3.3": 10, "3.4": 10, "3.5": 15}
FILES = [path for folder in ("mytorch", "hw2") for path in sorted((TOP / folder).glob("*.py"))]


def contents(change_file, change):
    """The correct hand-in's files by path, with one of them changed."""
    files = {path.relative_to(TOP).as_posix(): path.read_bytes() for path in FILES}
    if change_file == "mytorch/conv.py":
        files[change_file] = (TOP / "autograder" / "tests" / "plain_conv.py").read_bytes()
    if change is None or isinstance(change, bytes):
        files[change_file] = change
    elif isinstance(change, tuple):
        old, new = change
        text = files[change_file].decode()
        assert text.count(old) == 1, "%r occurs %d times" % (old, text.count(old))
        files[change_file] = text.replace(old, new).encode()
    else:
        files[change_file] += change.encode()
    return files


def pack(path, files):
    """Write a tarball; a file whose content is None becomes a directory, "" in its place none."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
            elif content != b"absent":
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def grade(folder, handins, *options):
    """Grade all hand-ins in one run of the script: {name: (points by section, lines)}."""
    paths = []
    for i, handin in enumerate(handins):
        paths.append(str(folder / ("%d.tar" % i)))
        pack(paths[-1], contents(handin.file, handin.change))
    done = subprocess.run([sys.executable, RUNNER, "--handin", *paths, "-A", "-v", *options],
                          capture_output=True, text=True, timeout=500)
    assert done.stderr == ""
    parts = re.split(r"^hand-in .*\n", done.stdout, flags=re.M)[1:]
    assert len(parts) == len(handins)
    reports = {}
    for handin, part in zip(handins, parts):
        lines = part.splitlines()
        scores = json.loads(lines[-1])["scores"]
        reports[handin.name] = {key.split()[0]: n for key, n in scores.items()}, lines
    return reports


@pytest.fixture(scope="session")
def wrong(tmp_path_factory):
    return grade(tmp_path_factory.mktemp("wrong"), WRONG, "--seed", "3")


@pytest.fixture(scope="session")
def right(tmp_path_factory):
    return grade(tmp_path_factory.mktemp("right"), RIGHT)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    return grade(tmp_path_factory.mktemp("hostile"), HOSTILE, "--time-limit", "2")


def lost(points, lines):
    """The sections that lost; 3.2, which has no points, by its line."""
    failed = {section for section, n in points.items() if n != POINTS[section]}
    return failed | {"3.2" for line in lines if line.startswith("3.2 ") and "failed" in line}


@pytest.mark.parametrize("handin", WRONG, ids=lambda handin: handin.name)
def test_wrong(handin, wrong):
    points, lines = wrong[handin.name]
    assert lost(points, lines) == set(handin.loses), "\n".join(lines)
    assert handin.words in "\n".join(lines)


@pytest.mark.parametrize("handin", WRONG, ids=lambda handin: handin.name)
def test_diagnosis_names_the_mistake_and_no_other(handin, wrong):
    sentences = {make.__name__: make.__doc__
                 for make in [make for _, make in mistakes.MISTAKES] + mistakes.KINDS}
    assert hints(wrong[handin.name][1]) == {sentences.get(handin.mistake)} - {None}


def hints(lines):
    return {line.split("hint: ")[1] for line in lines if "hint: " in line}


def test_nine_of_ten_are_diagnosed(wrong):
    """By a hint, or where no values are compared by the problem itself: a type, a shape, an error."""
    diagnosed = [name for name, (_, lines) in wrong.items() if hints(lines) or not any(
        re.search(r": expected \S+( at \[.*\])?, not [-\d.e+naif]+$", line) for line in lines)]
    assert len(diagnosed) >= 0.9 * len(wrong)


def test_feedback_on_an_exercise_is_at_most_a_dozen_lines(wrong):
    for name, (_, lines) in wrong.items():
        starts = [i for i, line in enumerate(lines) if re.match(r"(\S|   \S)", line)]
        assert max(b - a for a, b in zip(starts, starts[1:])) <= 12, name


@pytest.mark.parametrize("handin", RIGHT, ids=lambda handin: handin.name)
def test_right(handin, right):
    points, lines = right[handin.name]
    assert lost(points, lines) == set() and "rule" not in lines[0], "\n".join(lines)


@pytest.mark.parametrize("handin", HOSTILE, ids=lambda handin: handin.name)
def test_hostile(handin, hostile):
    points, lines = hostile[handin.name]
    assert lost(points, lines) == set(handin.loses), "\n".join(lines)
    unquoted = [re.sub("'[^']*'", "", line) for line in lines[:-1]
                if not line.lstrip().startswith("| ")]
    assert not any("HOSTILE" in line or "scores" in line for line in unquoted)


def test_the_suites_are_large():
    assert len(WRONG) >= 105 and len(RIGHT) >= 12 and len(HOSTILE) >= 27
    for handins in WRONG, RIGHT, HOSTILE:
        assert len({handin.name for handin in handins}) == len(handins)
    assert len(mistakes.MISTAKES) + len(mistakes.KINDS) >= 25


def test_a_starter_is_not_implemented_yet(tmp_path):
    starter = tmp_path / "starter"
    maker = TOP / "autograder" / "hw2_autograder" / "make_starter.py"
    subprocess.run([sys.executable, maker, starter], check=True)
    done = subprocess.run([sys.executable, starter / "autograder" / "hw2_autograder" / "runner.py"],
                          capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == ""
    lines = done.stdout.splitlines()
    failed = [line for line in lines if re.match(r"   \S", line)]
    unfinished = [line for line in lines if "not implemented yet" in line]
    follow_on = [line for line in failed if "it builds on" in line]
    assert len(unfinished) + len(follow_on) == len(failed) and len(unfinished) >= 7
    assert "  | " not in done.stdout and "Traceback" not in done.stdout
    assert lines[-1].split() == ["total", "0", "/", "100"]
