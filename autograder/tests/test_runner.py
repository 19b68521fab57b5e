"""The runner's command line, as a student and a teaching assistant meet it."""
import csv
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from conftest import RUNNER, run, unpack
from handins import append, define, gone, handin, pack, swap, whole
from hw2_autograder import command_line, rules

pytest.importorskip("torch")


def letter(body):
    """The edit that gives question_1 this body."""
    return define("hw2/mc.py", "question_1", "def question_1():\n    " + body)


def on_a_terminal(*arguments, type_in=b"", interrupt_at=None):
    """What a run prints on a terminal, where this is typed in, or Ctrl-C at these words."""
    ours, its = pty.openpty()
    process = subprocess.Popen([sys.executable, RUNNER, *map(str, arguments)], stdin=its,
                               stdout=its, stderr=its)
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
    return subprocess.run(command, shell=True, cwd=cwd, capture_output=True, text=True, timeout=100,
                          env={**os.environ, "PATH": path, "RUNNER": RUNNER})


def unfolded(text):
    """A report's sentences, each on one line."""
    return re.sub(r"\s+", " ", text)


def test_all_points_from_another_folder(tmp_path):
    done = run(cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in lines] == [
        "seed", "2", "3.1.1", "3.1.2", "3.2", "3.3", "3.4", "3.5", "total", "hand"]
    assert lines[-2].split() == ["total", "100", "/", "100"]
    assert lines[-1] == "hand in: sh create_tarball.sh"
    assert "\033" not in done.stdout and not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments, words", [
    (["3.9"], "there is no section 3.9"), (["3.1.1x"], "there is no section"),
    (["--seed", "-1"], "--seed: expected 0 or more, got -1"), (["--seed", "x"], "--seed"),
    *((["--time-limit", limit], "--time-limit: expected more than 0 and at most 3600 seconds")
      for limit in ("0", "inf", "nan", "1e10")),
    (["--handin", "absent.tar"], "absent.tar does not exist"), (["--unknown"], "--unknown"),
    (["--handin", RUNNER, "2"], "--handin: 2 does not exist (give sections before --handin)"),
    (["--debug", "Conv"], "there is no check Conv: choose from Letters, "),
    (["--debug", "Letters", "--handin", RUNNER, RUNNER], "expected one hand-in, got several")])
def test_wrong_usage(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments)
    out, error = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert words in error.splitlines()[-1]


@pytest.mark.parametrize("command, status, words", [
    ("python3 $RUNNER 2 --csv absent/table", 2, r"\[Errno 2\] No such .*: 'absent/table'\n"),
    ("python3 $RUNNER 2 --reports $RUNNER", 2, r"\[Errno 17\] File exists: .*\n"),
    ("python3 $RUNNER 2 <&-", 0, ""),
    ("python3 $RUNNER 2 >&-", 2, "There is no standard output to print to.\n"),
    ("python3 $RUNNER 2 | head -n 1", 0, ""),
    ("PYTHONPATH=numpy python3 $RUNNER 2", 2, "numpy is .*: pip install numpy torch==2.13.0\n"),
    ("PYTHONPATH=torch python3 $RUNNER 3.3", 2, "torch is .*: pip install numpy torch==2.13.0\n"),
    ("python3 -c 'import os, runpy, sys; sys.version_info = (3, 8, 1);"
     " runpy.run_path(os.environ[\"RUNNER\"], {}, \"__main__\")'", 2,
     "The autograder needs Python 3.10 or newer; this is Python 3.8.\n"),
    ("echo c | python3 -m pdb $RUNNER 2", 0, "The hand-in runs .*: use --debug CHECK.\n")])
def test_what_stands_in_the_way_is_said_in_a_sentence(tmp_path, command, status, words):
    for name in "numpy", "torch":
        unpack({"__init__.py": "raise ModuleNotFoundError('No module', name=%r)" % name},
               tmp_path / name / name)
    done = in_a_shell(command, tmp_path)
    assert done.returncode == status and re.fullmatch(words, done.stderr), done
    assert len(done.stdout.splitlines()) <= 1 or status == 0


def test_help_answers_what_a_person_would_ask():
    done = run("--help")
    assert done.returncode == 0
    for word in ("SECTION", "--handin", "--seed", "--time-limit", "--autolab", "--verbose", "Exit",
                 "--debug", "--csv", "--reports"):
        assert word in done.stdout


def test_a_failed_section_without_points_and_the_command_that_runs_it_again(tmp_path):
    pack(tmp_path / "-my handin.tar", handin(
        swap("mytorch/conv.py", "return delta.reshape", "return 2 * delta.reshape")))
    first = run("3.2", "--seed", 7, "--time-limit", 30, "--handin", "./-my handin.tar",
                cwd=tmp_path)
    assert re.search("^3.2 .* failed$", first.stdout, re.M)
    _, command = first.stdout.splitlines()[-1].split("again: ")
    assert command.endswith(" 3.2 --seed 7 --time-limit 30 --handin './-my handin.tar'")
    second = in_a_shell(command, tmp_path)
    assert (first.returncode, second.returncode, first.stderr, second.stderr) == (1, 1, "", "")
    assert second.stdout == first.stdout  # the same cases


def test_colour_on_a_terminal_only():
    status, shown = on_a_terminal("2")
    assert status == 0 and "\033[32m" in shown


def test_debug_runs_the_case_that_fails_where_pdb_has_the_terminal(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(define("mytorch/conv.py", "Flatten.forward", """
        def forward(self, x):
            self.s = x.shape
            breakpoint()
            return x.reshape(self.s[0], -1) + (len(x) == 4)
    """)))
    status, shown = on_a_terminal("--debug", "FlattenLayer", "--handin", path,
                                  type_in=b"c\np 'the batch is', len(x)\n" + 9 * b"c\n")
    assert "FlattenLayer: Flatten turns" in shown and "1 of 6 cases fails" in shown
    assert "'the batch is', 4" in shown and "output: at [0, 0]: expected" in shown and status == 1


@pytest.mark.parametrize("body, options, words", [
    ("breakpoint()", {"type_in": b"q\n"}, "left the debugger\r\n"),
    ("while True: print('looping')", {"interrupt_at": b"looping"},
     'File "hw2/mc.py", line 2, in question_1\r\n    while True: print('),
    ("exit()", {}, 'File "hw2/mc.py", line 2, in question_1\r\n    exit()\r\nSystemExit')])
def test_debug_ends_with_a_few_words(tmp_path, body, options, words):
    path = pack(tmp_path / "handin.tar", handin(letter(body)))
    status, shown = on_a_terminal("--debug", "Letters", "--time-limit", 1, "--handin", path,
                                  **options)
    assert status == 1 and words in shown and "Traceback" not in shown, shown


def test_debug_has_no_torch(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(append("mytorch/conv.py", "import torch")))
    done = run("--debug", "FlattenLayer", "--handin", path)
    assert done.returncode == 1 and "ModuleNotFoundError: " in done.stdout and done.stderr == ""


def test_a_class_is_graded_into_a_table_and_reports(tmp_path):
    names = ["=ann.tar", "+bob.tar", "-cy.tar", "@dan.tar", "new\nline.tar", b"caf\xe9.tar",
             125 * "é", 250 * "x", "a/bob.tar", "a_bob.tar", "bob.tgz", "bob.smith", "bob.jones",
             "eve.tar"]
    for name in names:
        path = tmp_path / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        if name == "bob.smith":
            unpack(handin(letter("import os, shutil; shutil.rmtree(os.getcwd())")), path)
        elif name == "bob.jones":
            unpack(handin(whole("hw2/\x1b[2J.py", "")), path)
        else:
            pack(path, handin(*[letter("return 'c'")] * (name == "bob.tgz")))
    (tmp_path / "eve.tar").write_bytes(b"")
    done = run("2", "--seed", 7, "--csv", "table", "--reports", "reports/new", "--handin",
               *("./" + os.fsdecode(name) for name in names), cwd=tmp_path)
    with open(tmp_path / "table", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["hand-in", "2", "total", "why", "seed"]
    assert [row[0] for row in rows] == ["'" * (name[:1] in ("=", "+", "-", "@")) + (
        "caf?.tar" if isinstance(name, bytes) else name) for name in names]
    expected = dict.fromkeys(map(str, names), ("5", "5", ""))
    expected["bob.tgz"] = "0", "0", "2: question_1: 'c' is wrong"
    expected["bob.smith"] = "0", "0", "2: question_1: expected a letter as a string, got None"
    expected["bob.jones"] = "5", "5", "warning: hw2/?[2J.py was added"
    expected["eve.tar"] = "", "", "not graded: it is empty: make one with create_tarball.sh"
    for name, row in zip(names, rows):
        points, total, why = expected[str(name)]
        assert row[1:3] == [points, total] and row[3].startswith(why) and row[4] == "7"
    reports = sorted((tmp_path / "reports" / "new").iterdir())
    assert len(reports) == len(names) and "'c' is wrong" in reports[10].read_text()
    assert (done.returncode, done.stderr) == (1, "") and "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 1 + len(names)
    assert (tmp_path / "bob.smith" / "hw2" / "mc.py").exists()


def test_why_has_a_cause_for_each_section_that_lost(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(
        letter("raise KeyError('a')"), gone("hw2/mlp.py"),
        append("mytorch/linear.py", """
            def backward(self, delta, right=Linear.backward):
                dx = right(self, delta)
                self.dW *= len(delta)
                return dx
            Linear.backward = backward
        """)))
    run("2", "3.2", "3.5", "--csv", "table", "--handin", path, cwd=tmp_path)
    row, = csv.DictReader((tmp_path / "table").read_text().splitlines())
    assert row["why"] == "2: question_1 raises KeyError; 3.2: your dW is the right one times the" \
        " batch size; 3.5: see 3.2; warning: hw2/mlp.py is missing"


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_stopped_keeps_what_is_done_and_leaves_nothing(tmp_path, number, status):
    running, temporary = tmp_path / "running", tmp_path / "tmp"
    temporary.mkdir()
    paths = [pack(tmp_path / "right.tar", handin()), pack(tmp_path / "hangs.tar", handin(letter(
        "open(%r, 'w')\n    while True: pass" % str(running))))]
    process = subprocess.Popen(
        [sys.executable, RUNNER, "2", "--csv", "table", "--reports", "reports", "--handin", *paths],
        cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)})
    while not running.exists():
        time.sleep(0.02)
    written = (tmp_path / "table").read_text()
    process.send_signal(number)
    out, error = process.communicate(timeout=10)
    row, = csv.DictReader(written.splitlines())
    assert (process.returncode, error) == (status, "interrupted\n" * (status == 130))
    assert (row["hand-in"], row["total"]) == (str(paths[0]), "5") and "right.tar" in out
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["001 right.tar.txt"]
    assert not list(temporary.iterdir())
    assert not subprocess.run(["pgrep", "-f", str(temporary)], capture_output=True).stdout


@pytest.mark.parametrize("edits, expected", [
    ([whole("mytorch/extra.py", "")],
     ["mytorch/extra.py was added: a hand-in has only the handout's files"]),
    ([whole("hw2/%d.py" % i, "") for i in range(100)],
     ["hw2/%s.py was added: a hand-in has only the handout's files" % i for i in (
         0, 1, 10, 11, 12)] + ["and 95 more"]),
    ([gone("hw2/mlp.py")], ["hw2/mlp.py is missing"]),
    ([gone("mytorch/conv.py"), whole("mytorch/Conv.py", "")], [
        "mytorch/conv.py is missing",
        "mytorch/Conv.py was added: a hand-in has only the handout's files"]),
    ([append("mytorch/batchnorm.py", "import scipy.signal\ndef f():\n    from torch import nn")], [
        "mytorch/batchnorm.py, line %d, imports %s: grading has only NumPy and the standard"
        " library" % words for words in ((21, "scipy.signal"), (23, "torch"))]),
    *(([whole("mytorch/batchnorm.py", text)], []) for text in (
        "import a = b", b"\xff\xfe", "import torch\n" + "#" * 2 ** 19, "# import torch",
        "import numpy.linalg, math, mytorch.conv, conv, zoneinfo, sysconfig, multiprocessing.pool",
        "from numpy import *\nfrom . import torch")),
    ([append("hw2/mlp.py", "import matplotlib"), whole("mytorch/__init__.py", "")], [])])
def test_breaches_of_the_rules_are_warnings(edits, expected):
    assert rules.breaches(handin(*edits)) == expected


def test_a_report_says_where_a_hand_in_was_and_an_error_once(tmp_path):
    paths = [pack(tmp_path / "hangs.tar", handin(define(
        "hw2/mlp_scan.py", "CNN_SimpleScanningMLP.forward", """
            def forward(self, x):
                while True:
                    x = x + 1
        """))), pack(tmp_path / "error.tar", handin(append("hw2/mlp_scan.py", "def (")))]
    done = run("3.3", "3.4", "-v", "--time-limit", 1, "--handin", *paths)
    _, hangs, error = re.split("^hand-in .*\n", done.stdout, flags=re.M)
    assert "did not finish within 1 s (7 cases): it may be right but slow; it was at" \
        " hw2/mlp_scan.py, line 30, in forward. Use --time-limit to give it more" in unfolded(hangs)
    assert "| SyntaxError: " in error and "the same error as in SimpleScan" in error
    assert done.stderr == "" and error.count("SyntaxError") == 1
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if str(tmp_path) not in line)
