"""The runner's command line, as a student and a teaching assistant meet it."""
import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from conftest import RUNNER, needs_torch, run, run_here, unfolded, unpack
from handins import append, define, gone, handin, pack, whole
from hw2_autograder import command_line, overview, rules, table
from hw2_autograder.results import HandinResult
from hw2_autograder.sections import SECTIONS, choose

TOTAL = sum(section.points for section in SECTIONS)
LETTERS = choose(["2"])[0].points  # for section 2
TWICE = define("mytorch/conv.py", "Flatten.backward", """
    def backward(self, delta):
        return 2 * delta.reshape(self.s)
""")


def letter(body):
    """The edit that gives question_1 this body."""
    return define("hw2/mc.py", "question_1", "def question_1():\n    " + body)


def on_a_terminal(*arguments, type_in=b"", interrupt_at=None):
    """What a run prints on a terminal, where this is typed in, or Ctrl-C at these words."""
    ours, its = pty.openpty()
    command = [sys.executable, RUNNER, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its)
    os.close(its)
    os.write(ours, type_in)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
            if interrupt_at and interrupt_at in shown:
                interrupt_at = process.send_signal(signal.SIGINT)
    except OSError:  # the terminal's other end is closed
        os.close(ours)
    return process.wait(), shown.decode()


def in_a_shell(command, cwd):
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    variables = {**os.environ, "PATH": path, "RUNNER": RUNNER}
    return subprocess.run(command, shell=True, cwd=cwd, capture_output=True, text=True, timeout=100,
                          env=variables)


@needs_torch
def test_all_points_from_another_folder(tmp_path):
    done = run(cwd=tmp_path)
    assert done.stderr == ""
    assert done.returncode == 0
    first, *sections, total, last = done.stdout.splitlines()
    assert re.fullmatch(r"grading .* \(mytorch, hw2\)   Python \S+, NumPy \S+, PyTorch \S+,"
                        r" seed \d+", first)
    numbers = [line.split()[0] for line in sections]
    assert numbers == [section.number for section in SECTIONS]
    assert total.split() == ["total", str(TOTAL), "/", str(TOTAL)]
    assert last == "hand in: sh create_tarball.sh"
    assert "\033" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_comes_next_after_a_section_that_passes():
    done = run("2")
    assert done.stdout.splitlines()[-1] == "next: 3.1.1"


WRONG_USAGE = {
    "3.9": "there is no section 3.9",
    "3.1.1x": "there is no section",
    "--seed -1": "--seed: expected 0 or more, got -1",
    "--seed x": "--seed",
    "--time-limit 0": "--time-limit: expected more than 0 and at most 3600 seconds",
    "--time-limit inf": "--time-limit: expected more than 0 and at most 3600 seconds",
    "--time-limit nan": "--time-limit: expected more than 0 and at most 3600 seconds",
    "--time-limit 1e10": "--time-limit: expected more than 0 and at most 3600 seconds",
    "--handin absent.tar": "absent.tar does not exist (see",
    "--unknown": "--unknown",
    "--handin handin.tar": "handin.tar does not exist: make it with sh create_tarball.sh",
    "--handin RUNNER 3.9": "there is no section 3.9",
    "--debug Conv": "there is no check Conv: choose from Letters, ",
    "--debug Letters --handin RUNNER RUNNER": "take one hand-in, got 2",
    "--json a --handin RUNNER RUNNER": "take one hand-in, got 2"}


@pytest.mark.parametrize("usage", WRONG_USAGE)
def test_wrong_usage(capsys, tmp_path, monkeypatch, usage):
    monkeypatch.chdir(tmp_path)
    arguments = [RUNNER if word == "RUNNER" else word for word in usage.split()]
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments)
    out, error = capsys.readouterr()
    assert ended.value.code == 2
    assert out == ""
    assert WRONG_USAGE[usage] in error
    assert "runner.py --help" in error
    assert len(error.splitlines()) == 1


# A shell's command, its exit status, and a regular expression for its errors.
IN_THE_WAY = [
    ("python3 $RUNNER 2 --csv absent/table", 2, r"\[Errno 2\] No such .*: 'absent/table.part'\n"),
    ("python3 $RUNNER 2 --reports $RUNNER", 2, r"\[Errno 17\] File exists: .*\n"),
    ("python3 $RUNNER 2 <&-", 0, ""),
    ("python3 $RUNNER 2 >&-", 2, "There is no standard output to print to.\n"),
    ("python3 $RUNNER 2 | head -n 1", 0, ""),
    ("python3 $RUNNER 2 | true", 0, ""),
    ("python3 $RUNNER 2 >/dev/full", 2, r"\[Errno 28\] .*\n"),
    ("PYTHONPATH=numpy python3 $RUNNER 2", 2, "numpy is .*: pip install numpy torch==2.13.0\n"),
    ("PYTHONPATH=torch python3 $RUNNER 3.3", 2, "torch is .*: pip install numpy torch==2.13.0\n"),
    ("python3 -c 'import os, runpy, sys; sys.version_info = (3, 8, 1);"
     " runpy.run_path(os.environ[\"RUNNER\"], {}, \"__main__\")'", 2,
     "The autograder needs Python 3.10 or newer; this is Python 3.8.\n"),
    ("echo c | python3 -m pdb $RUNNER 2", 0, "The hand-in runs .*: use --debug CHECK.\n")]


@pytest.mark.parametrize("command, status, words", IN_THE_WAY)
def test_what_stands_in_the_way_is_said_in_a_sentence(tmp_path, command, status, words):
    for name in "numpy", "torch":
        absent = "raise ModuleNotFoundError('No module', name=%r)" % name
        unpack({"__init__.py": absent}, tmp_path / name / name)
    done = in_a_shell(command, tmp_path)
    assert done.returncode == status, done
    assert re.fullmatch(words, done.stderr), done
    if status != 0:
        assert len(done.stdout.splitlines()) <= 1


def test_help_answers_what_a_person_would_ask():
    done = run("--help")
    assert done.returncode == 0
    for word in ("SECTION", "--handin", "--seed", "--time-limit", "--autolab", "--verbose", "Exit",
                 "--debug", "--csv", "--json", "--reports"):
        assert word in done.stdout


@needs_torch
def test_a_failed_section_without_points_and_the_command_that_runs_it_again(tmp_path):
    pack(tmp_path / "-my handin.tar", handin(TWICE))
    first = run("--seed", 7, "--time-limit", 30, "--handin", "./-my handin.tar", "3.2",
                cwd=tmp_path)
    assert re.search("^3.2 .* failed$", first.stdout, re.M)
    _, command = first.stdout.splitlines()[-1].split("again: ")
    assert command.endswith(" 3.2 --seed 7 --time-limit 30 --handin './-my handin.tar'")
    second = in_a_shell(command, tmp_path)
    assert second.stdout == first.stdout  # the same cases
    for done in first, second:
        assert done.stderr == ""
        assert done.returncode == 1


def test_colour_on_a_terminal_only():
    status, shown = on_a_terminal("2")
    assert status == 0
    assert "\033[32m" in shown


@needs_torch
def test_debug_runs_the_case_that_fails_where_pdb_has_the_terminal(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(define("mytorch/conv.py", "Flatten.forward", """
        def forward(self, x):
            self.s = x.shape
            breakpoint()
            return x.reshape(self.s[0], -1) + (len(x) == 4)
    """)))
    status, shown = on_a_terminal("--debug", "flattenlayer", "--handin", path,
                                  type_in=b"c\np 'the batch is', len(x)\n" + 9 * b"c\n")
    assert "FlattenLayer: Flatten turns" in shown
    assert "the one that fails" in shown
    assert "'the batch is', 4" in shown
    assert "output (4, 5): at [0, 0]: expected" in shown
    assert status == 1


@needs_torch
def test_debug_takes_a_section_and_prints_the_hint(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(TWICE))
    done = run("--debug", "3.2", "--handin", path)
    assert done.returncode == 1
    assert "FlattenLayer: " in done.stdout
    assert "hint: your dx is the right one times" in done.stdout
    assert "dx (1, 2, 3): at [0, 0, 1]: expected 1, got 2" in done.stdout


LEFT = "left the debugger\r\n"
LOOPED = 'File "hw2/mc.py", line 2, in question_1\r\n    while True: print('
EXITED = 'File "hw2/mc.py", line 2, in question_1\r\n    exit()\r\n'


@pytest.mark.parametrize("body, options, words", [
    ("breakpoint()", {"type_in": b"q\n"}, LEFT),
    ("while True: print('looping')", {"interrupt_at": b"looping"}, LOOPED),
    ("exit()", {}, EXITED)], ids=["quit", "Ctrl-C", "exit"])
def test_debug_ends_with_a_few_words(tmp_path, body, options, words):
    path = pack(tmp_path / "handin.tar", handin(letter(body)))
    status, shown = on_a_terminal("--debug", "Letters", "--time-limit", 1, "--handin", path,
                                  **options)
    shown = re.sub(" +[~^]+\r\n", "", shown)  # from Python 3.13 on, below exit()
    assert status == 1, shown
    assert words in shown, shown
    assert "Traceback" not in shown, shown


@needs_torch
def test_debug_has_no_torch(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(append("mytorch/conv.py", "import torch")))
    done = run("--debug", "FlattenLayer", "--handin", path)
    assert done.stderr == ""
    assert "ModuleNotFoundError: " in done.stdout
    assert done.returncode == 1


NAMES = ["=ann.tar", "+bob.tar", "-cy.tar", "@dan.tar", "new\nline.tar", b"caf\xe9.tar", 125 * "é",
         250 * "x", "a/bob.tar", "b/bob.tar", "bob.tgz", "bob.smith", "bob.jones", "eve.tar"]
SHOWN = {  # the names that a table has in another form
    "=ann.tar": "'=ann.tar", "+bob.tar": "'+bob.tar", "-cy.tar": "'-cy.tar",
    "@dan.tar": "'@dan.tar", b"caf\xe9.tar": "caf?.tar"}
CELLS = {"2": str(LETTERS), "total": str(LETTERS), "why 2": "", "warnings": ""}  # of right ones
OTHER_CELLS = {  # what the others have in their place
    "bob.tgz": {"2": "0", "total": "0", "why 2": "question_1: 'c' is wrong"},
    "bob.smith": {"2": "0", "total": "0",
                  "why 2": "question_1: expected a letter as a string, got None"},
    "bob.jones": {"warnings": "hw2/?[2J.py was added: a hand-in has only the handout's files"},
    "eve.tar": {"2": "", "total": "0",
                "warnings": "not graded: it is empty: make one with create_tarball.sh"}}


def make_class(folder):
    """Hand-ins with these names: right ones, and some that are not."""
    for name in NAMES:
        path = folder / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        if name == "bob.smith":
            unpack(handin(letter("import os, shutil; shutil.rmtree(os.getcwd())")), path)
        elif name == "bob.jones":
            unpack(handin(whole("hw2/\x1b[2J.py", "")), path)
        elif name == "bob.tgz":
            pack(path, handin(letter("return 'c'")))
        else:
            pack(path, handin())
    (folder / "eve.tar").write_bytes(b"")
    return ["./" + os.fsdecode(name) for name in NAMES]


def read_table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_class_is_graded_into_a_table_and_reports(tmp_path):
    paths = make_class(tmp_path)
    done = run("2", "--seed", 7, "--csv", "table", "--reports", "reports/new", "--handin", *paths,
               cwd=tmp_path)
    assert done.stderr == ""
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    rows = read_table(tmp_path / "table")
    assert list(rows[0]) == ["hand-in", "2", "total", "maximum", "why 2", "warnings", "seconds",
                             "Python", "NumPy", "PyTorch", "seed"]
    for name, row in zip(NAMES, rows, strict=True):
        assert row["hand-in"] == SHOWN.get(name, name)
        cells = {column: row[column] for column in CELLS}
        assert cells == {**CELLS, **OTHER_CELLS.get(name, {})}, name
        assert row["seed"] == "7"
        assert float(row["seconds"]) >= 0
    text = (tmp_path / "table").read_text()
    fields = len(rows[0]) * (1 + len(rows))
    assert text.count('"') == 2 * fields  # every field is quoted
    assert (tmp_path / "bob.smith" / "hw2" / "mc.py").exists()
    reports = tmp_path / "reports" / "new"
    names = {path.name for path in reports.iterdir()}
    assert len(names) == len(NAMES)
    assert "bob.tar.txt" in names
    assert "bob.tar (2).txt" in names
    wrong = (reports / "bob.tgz.txt").read_text()
    assert "'c' is wrong" in wrong
    assert str(tmp_path) not in wrong
    again = wrong.splitlines()[-1]
    assert again == "again: python3 autograder/hw2_autograder/runner.py 2 --seed 7"
    empty = (reports / "eve.tar.txt").read_text()
    assert "total                                         0 /   %d" % LETTERS in empty


def test_what_exists_is_updated_and_the_overview_is_of_all_of_it(tmp_path):
    for name in "ann.tar", "bob.tar", "cy.tar":
        pack(tmp_path / name, handin(letter("return 'c'")))
    options = ["2", "--csv", "table", "--reports", "reports", "--handin"]
    run(*options, "ann.tar", "bob.tar", cwd=tmp_path)
    pack(tmp_path / "ann.tar", handin())
    done = run(*options, "cy.tar", "ann.tar", cwd=tmp_path)
    rows = read_table(tmp_path / "table")
    assert [row["hand-in"] for row in rows] == ["ann.tar", "bob.tar", "cy.tar"]
    assert [row["total"] for row in rows] == [str(LETTERS), "0", "0"]
    assert "graded: 3   not graded: 0" in done.stdout
    assert "   2  2: question_1: 'c' is wrong" in done.stdout
    other = run("3.3", "--csv", "table", "--handin", "cy.tar", cwd=tmp_path)
    assert other.returncode == 2
    assert "table exists and has other columns" in other.stderr
    assert read_table(tmp_path / "table") == rows
    assert len(list(tmp_path.iterdir())) == 5
    reports = tmp_path / "reports"
    assert {path.name for path in reports.iterdir()} == {
        "ann.tar.txt", "bob.tar.txt", "cy.tar.txt"}
    assert "'c' is wrong" not in (reports / "ann.tar.txt").read_text()


def test_a_table_is_whole_at_every_moment(tmp_path):
    path = tmp_path / "table"
    rows = table.Table(path, SECTIONS)
    cells = dict.fromkeys(table.columns(SECTIONS), "a;b\t,\n\"")
    rows.add({**cells, "hand-in": "first"})
    before = path.read_text()
    with pytest.raises(TypeError):
        rows.add({**cells, "hand-in": ["no", object()], "seed": None, "total": object()}["total"])
    assert path.read_text() == before
    assert read_table(path) == [{**cells, "hand-in": "first"}]


def row(name, points, causes=()):
    """A row of a table in which section 2 and 3.3 have points and causes."""
    cells = dict.fromkeys(table.columns(choose(["2", "3.3"])), "")
    cells.update(causes)
    cells["hand-in"] = name
    cells["maximum"] = "15"
    cells["total"] = "%g" % sum(points)
    cells["2"] = "%g" % points[0]
    cells["3.3"] = "%g" % points[1]
    return cells


def test_the_overview_has_totals_losses_and_the_commonest_causes():
    not_graded = row("e", (0, 0))
    not_graded["maximum"] = ""
    rows = [
        row("a", (5, 10)),
        row("b", (0, 10), {"why 2": "a letter"}),
        row("c", (0, 0), {"why 2": "a letter", "why 3.3": "see 3.1.1"}),
        row("d", (2.5, 10), {"why 2": "half"}),
        not_graded]
    shown = overview.lines(rows, choose(["2", "3.3"]))
    assert shown[0] == "graded: 4   not graded: 1"
    bars = [line.split() for line in shown[2:13]]
    assert bars[0] == ["15", "1", "#"]
    assert bars[2] == ["12", "to", "below", "13.5", "1", "#"]
    assert bars[4] == ["9", "to", "below", "10.5", "1", "#"]
    assert bars[-1] == ["0", "to", "below", "1.5", "1", "#"]
    assert "  2         3 of 4 hand-ins" in shown
    assert "  3.3       1 of 4 hand-ins" in shown
    assert shown[-2:] == ["     2  2: a letter", "     1  2: half"]


def test_points_that_are_not_whole_are_printed_so():
    section = choose(["2"])[0]
    result = run_of(section, 22.5)
    assert table.row(result, [section], 1)["maximum"] == "22.5"


def run_of(section, points):
    """A HandinResult that is right, of a section with other points."""
    from hw2_autograder.results import SectionResult
    graded = SectionResult(section.number, section.title, points, ())
    return HandinResult("x", (), None, False, (graded,), points, 1.0)


@needs_torch
def test_gradescope_reads_the_results(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(letter("return 'c'"), gone("hw2/mlp.py")))
    run_here("2", "3.2", "--json", tmp_path / "results.json", "--handin", path)
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["score"] == 0
    assert results["output"] == "hw2/mlp.py is missing"
    letters, layers = results["tests"]
    assert letters["name"] == "2 Multiple choice"
    assert letters["score"] == 0
    assert letters["max_score"] == LETTERS
    assert "question_1: 'c' is wrong" in letters["output"]
    assert layers["score"] == 0
    assert layers["max_score"] == 0
    assert layers["status"] == "passed"


def test_a_terminal_shows_which_hand_in_is_graded(tmp_path):
    paths = [pack(tmp_path / name, handin()) for name in ("ann.tar", "bob.tar")]
    status, shown = on_a_terminal("2", "--handin", *paths)
    assert status == 0
    assert "[1/2] ann.tar" in shown
    assert "[2/2] bob.tar  less than 1 min" in shown


def test_a_terminal_shows_how_many_cases_are_done(tmp_path):
    slow = letter("import time; time.sleep(3)\n    return 'b'")
    path = pack(tmp_path / "handin.tar", handin(slow))
    status, shown = on_a_terminal("2", "--handin", path)
    assert status == 0
    assert "\r\033[K0 cases done\r\033[K" in shown


@needs_torch
def test_why_has_a_cause_for_each_section_that_lost(tmp_path):
    summed = append("mytorch/linear.py", """
        def backward(self, delta, right=Linear.backward):
            dx = right(self, delta)
            self.dW *= len(delta)
            return dx
        Linear.backward = backward
    """)
    edits = [letter("raise KeyError('a')"), gone("hw2/mlp.py"), summed]
    path = pack(tmp_path / "handin.tar", handin(*edits))
    run_here("2", "3.2", "3.5", "--csv", tmp_path / "table", "--handin", path)
    cells, = read_table(tmp_path / "table")
    assert cells["why 2"] == "KeyError: 'a'"
    assert cells["why 3.2"] == "your dW is the right one times the batch size"
    assert cells["why 3.5"] == "see 3.2"
    assert cells["warnings"] == "hw2/mlp.py is missing"


def test_a_tarball_older_than_the_files_beside_it_gives_a_warning(tmp_path):
    path = pack(tmp_path / "handin.tar", handin())
    unpack(handin(), tmp_path)
    os.utime(path, (1, 1))
    done = run("2", "--handin", path)
    assert "warning: handin.tar is older than hw2/hw2.py" in done.stdout


@pytest.mark.parametrize("number, status, words", [
    (signal.SIGTERM, 143, ""), (signal.SIGINT, 130, "interrupted\n")], ids=["SIGTERM", "SIGINT"])
def test_a_run_that_is_stopped_keeps_what_is_done_and_leaves_nothing(
        tmp_path, number, status, words):
    running = tmp_path / "running"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    endless = letter("open(%r, 'w')\n    while True: pass" % str(running))
    right = pack(tmp_path / "right.tar", handin())
    hangs = pack(tmp_path / "hangs.tar", handin(endless))
    process = subprocess.Popen(
        [sys.executable, RUNNER, "2", "--csv", "table", "--reports", "reports",
         "--handin", right, hangs],
        cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)})
    while not running.exists():
        time.sleep(0.02)
    written = read_table(tmp_path / "table")
    process.send_signal(number)
    out, error = process.communicate(timeout=60)
    assert error == words
    assert process.returncode == status
    cells, = written
    assert cells["hand-in"] == str(right)
    assert cells["total"] == str(LETTERS)
    assert "right.tar" in out
    assert os.listdir(tmp_path / "reports") == ["right.tar.txt"]
    assert os.listdir(temporary) == []
    left = subprocess.run(["pgrep", "-f", str(temporary)], capture_output=True)
    assert left.stdout == b""


BREACHES = {  # the edits of a hand-in and the warnings that it gets
    "a file that was added": (
        [whole("mytorch/extra.py", "")],
        ["mytorch/extra.py was added: a hand-in has only the handout's files"]),
    "many files that were added": (
        [whole("hw2/%d.py" % i, "") for i in range(100)],
        ["hw2/0.py was added: a hand-in has only the handout's files",
         "hw2/1.py was added: a hand-in has only the handout's files",
         "hw2/10.py was added: a hand-in has only the handout's files",
         "hw2/11.py was added: a hand-in has only the handout's files",
         "hw2/12.py was added: a hand-in has only the handout's files",
         "and 95 more"]),
    "a file that is missing": ([gone("hw2/mlp.py")], ["hw2/mlp.py is missing"]),
    "a file with a capital letter": (
        [gone("mytorch/conv.py"), whole("mytorch/Conv.py", "")],
        ["mytorch/conv.py is missing",
         "mytorch/Conv.py was added: a hand-in has only the handout's files"]),
    "imports": (
        [append("mytorch/batchnorm.py", "import scipy.signal\ndef f():\n    from torch import nn")],
        ["mytorch/batchnorm.py, line 21, imports scipy.signal: grading has only NumPy and the"
         " standard library",
         "mytorch/batchnorm.py, line 23, imports torch: grading has only NumPy and the standard"
         " library"]),
    "imports that are allowed": (
        [whole("mytorch/batchnorm.py", "import numpy.linalg, math, mytorch.conv, conv, zoneinfo,"
                                       " sysconfig, multiprocessing.pool")], []),
    "imports from numpy and from the folder": (
        [whole("mytorch/batchnorm.py", "from numpy import *\nfrom . import torch")], []),
    "an import in a comment": ([whole("mytorch/batchnorm.py", "# import torch")], []),
    "an import in a long file": (
        [whole("mytorch/batchnorm.py", "import torch\n" + "#" * 2 ** 19)], []),
    "a syntax error": ([whole("mytorch/batchnorm.py", "import a = b")], []),
    "bytes that are no text": ([whole("mytorch/batchnorm.py", b"\xff")], []),
    "a name of Python's": (
        [whole("mytorch/random.py", "")],
        ["mytorch/random.py hides Python's module random: rename it"]),
    "UTF-16": (
        [whole("hw2/mc.py", "x = 1".encode("utf-16"))],
        ["hw2/mc.py is not saved as UTF-8, but maybe as UTF-16: save it as UTF-8"]),
    "a notebook": (
        [whole("hw2/mc.py", '{"cells": []}')],
        ["hw2/mc.py is a notebook: export it as a Python file"]),
    "changes that are allowed": (
        [append("hw2/mlp.py", "import matplotlib"), whole("mytorch/__init__.py", "")], [])}


@pytest.mark.parametrize("name", BREACHES)
def test_breaches_of_the_rules_are_warnings(name):
    edits, expected = BREACHES[name]
    assert rules.breaches(handin(*edits)) == expected


@needs_torch
def test_a_report_says_where_a_hand_in_was_and_an_error_once(tmp_path, capsys):
    endless = define("hw2/mlp_scan.py", "CNN_SimpleScanningMLP.forward", """
        def forward(self, x):
            while True:
                x = x + 1
    """)
    broken = append("hw2/mlp_scan.py", "def (")
    paths = [pack(tmp_path / "hangs.tar", handin(endless)),
             pack(tmp_path / "error.tar", handin(broken))]
    run_here("3.3", "3.4", "-v", "--time-limit", 2, "--handin", *paths)
    shown, errors = capsys.readouterr()
    assert errors == ""
    _, hangs, error = re.split("^hand-in .*\n", shown, flags=re.M)
    assert "the first case did not finish within 2 s, it was at hw2/mlp_scan.py, line 30, in" \
        " forward: does this loop end?" in unfolded(hangs)
    error, _, _ = error.partition("graded: ")
    assert "| SyntaxError: " in error
    assert "the same error as in SimpleScan" in error
    assert error.count("SyntaxError") == 1
    for line in shown.splitlines():
        if str(tmp_path) not in line and not line.startswith("again"):
            assert len(line) <= 80, line
