"""The runner's command line, as a student and a teaching assistant meet it."""
import csv
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest

from conftest import RUNNER, TOP
from handins import STUDENT, append, define, handin, pack, whole

pytest.importorskip("torch")


def run(*arguments, cwd=TOP, **options):
    return subprocess.run([sys.executable, RUNNER, *map(str, arguments)], cwd=cwd,
                          capture_output=True, text=True, timeout=100, **options)


def on_a_terminal(*arguments, type_in=b"", columns=None):
    """What a run prints on a terminal, where this is typed in."""
    ours, its = pty.openpty()
    env = dict(os.environ, **({"COLUMNS": str(columns)} if columns else {}))
    command = [sys.executable, RUNNER, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=env)
    os.close(its)
    os.write(ours, type_in)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # the terminal's other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    return process.wait(), shown.decode()


def unfolded(text):
    """A report's sentences, each on one line."""
    return re.sub(r"\s+", " ", text)


def test_full_marks_and_all_beyond_from_another_directory(tmp_path):
    done = run("-A", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert list(json.loads(lines[-1])["scores"].values()) == [5, 20, 40, 10, 10, 15]
    assert [line.split()[0] for line in lines] == [
        "seed", "2", "3.1.1", "3.1.2", "3.2", "3.3", "3.4", "3.5", "total", "beyond", '{"scores":']
    assert lines[-3].split() == ["total", "100", "/", "100"]
    assert lines[-2].endswith(": 12 of 12")
    assert "\033" not in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_students_hand_in_has_full_marks_and_little_beyond(tmp_path):
    done = run("--handin", STUDENT)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^total +100 / 100$", done.stdout, re.M)
    assert "warning" not in done.stdout and "again" not in done.stdout
    beyond = run("beyond", "--handin", STUDENT)
    assert beyond.returncode == 0  # it has no points to lose
    assert "AttributeError: 'ReLU' object has no attribute 'backward'" in beyond.stdout


def test_chosen_sections_and_seed():
    done = run("3.1", "3.4", "--seed", 7)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "seed 7"
    assert [line.split()[0] for line in lines[1:]] == ["3.1.1", "3.1.2", "3.4", "total"]
    assert lines[-1].split()[1:] == ["70", "/", "70"]


@pytest.mark.parametrize("arguments, words", [
    (["3.9"], "no section 3.9"), (["3.1.1x"], "no section"), (["--seed", "-1"], "--seed"),
    (["--seed", "x"], "--seed"), (["--time-limit", "0"], "--time-limit"),
    (["--handin", "absent.tar"], "absent.tar"), (["--unknown"], "--unknown"),
    (["--handin", STUDENT, "absent.tar"], "absent.tar"), (["--debug", "Conv"], "no check Conv"),
])
def test_wrong_usage(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr and not done.stdout


def test_help_answers_what_a_person_would_ask():
    done = run("--help")
    assert done.returncode == 0
    for word in ("SECTION", "--handin", "--seed", "--time-limit", "--autolab", "--verbose", "Exit",
                 "--debug", "--csv", "--reports"):
        assert word in done.stdout


def test_the_command_that_is_printed_last_runs_it_again(tmp_path):
    path = pack(tmp_path / "my handin.tar", handin(append("hw2/mc.py", "question_1 = question_2")))
    done = run("--handin", path.name, cwd=tmp_path)
    assert done.returncode == 1
    again = done.stdout.splitlines()[-1].split("again: ")[1]
    assert done.stdout.count("again: ") == 1
    env = dict(os.environ, PATH="%s:%s" % (os.path.dirname(sys.executable), os.environ["PATH"]))
    second = subprocess.run(again, shell=True, cwd=tmp_path, env=env, text=True,
                            capture_output=True)
    assert (second.returncode, second.stderr) == (1, "")
    assert "wrong: question_1" in unfolded(second.stdout) and "0 /   5" in second.stdout


@pytest.mark.parametrize("edit, lines", [
    (append("hw2/mc.py", """
        def question_2(): return 'D'
        def question_5(): return 'c'
     """), ["right: question_1, question_3, question_4; wrong: question_2, question_5",
            "question_2: 'D' is right, but not how it is written: the course reads one"]),
    (define("mytorch/conv.py", "Conv1D.backward", """
        def backward(self, delta):
            raise NotImplemented
     """),
     ["not written yet: Conv1D.backward", "3.5 Build a CNN model: mend 3.1.2 first"]),
    (append("hw2/mlp_scan.py", "def ("), ["SyntaxError", "the same error as in SimpleScan"]),
    (define("hw2/mlp_scan.py", "CNN_SimpleScanningMLP.forward", """
        def forward(self, x):
            while True:
                x = x + 1
     """), ["did not finish within 1 s, which is for all 7 cases: the code may be right but slow;"
            " it was at hw2/mlp_scan.py, line 30, in forward; --time-limit gives it more"]),
    (define("hw2/mlp_scan.py", "CNN_SimpleScanningMLP.forward", """
        def forward(self, x):
            import pdb; pdb.set_trace()
     """), ["a debugger has no terminal here; in yours: --debug SimpleScan"]),
])
def test_what_a_report_says(tmp_path, edit, lines):
    path = pack(tmp_path / "handin.tar", handin(edit))
    done = run("2", "3", "--handin", path, "--time-limit", 1)
    assert (done.returncode, done.stderr) == (1, "")
    for words in lines:
        assert words in unfolded(done.stdout), done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines()[2:-1]), done.stdout


def test_colour_on_a_terminal_only():
    status, shown = on_a_terminal("2")
    assert status == 0 and "\033[32m" in shown


def test_debug_runs_the_first_failing_case_where_pdb_has_the_terminal(tmp_path):
    path = pack(tmp_path / "handin.tar", handin(define("mytorch/conv.py", "Flatten.forward", """
        def forward(self, x):
            self.s = x.shape
            import pdb; pdb.set_trace()
            return x.reshape(self.s[0], -1) + (len(x) == 1)
    """)))
    status, shown = on_a_terminal("--debug", "FlattenLayer", "--handin", path,
                                  type_in=b"p 'the width is', x.shape[2]\n" + 9 * b"c\n")
    assert "1 of 5 cases fail, this one first" in shown and "case: x (1, " in shown
    assert re.search(r"'the width is', \d", shown), shown
    assert "output: expected" in shown and status == 1
    status, shown = on_a_terminal("--debug", "FlattenLayer", "--handin", path, type_in=b"q\n")
    assert status == 1 and "left the debugger" in shown and "Traceback" not in shown


def test_interrupted_by_the_keyboard(tmp_path):
    files = handin(define("mytorch/conv.py", "Conv1D.forward", """
        def forward(self, x):
            open('running', 'w').close()
            while True:
                pass
    """))
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    process = subprocess.Popen([sys.executable, RUNNER, "--handin", tmp_path], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (tmp_path / "running").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=5)
    assert (process.returncode, error) == (130, "interrupted\n")
    assert not subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True).stdout


def test_output_that_nobody_reads_to_its_end():
    done = subprocess.run("%s %s 2>&1 | head -n 1" % (sys.executable, RUNNER), shell=True,
                          capture_output=True, text=True)
    assert re.fullmatch(r"seed \d+\n", done.stdout)


@pytest.mark.parametrize("package", ["numpy", "torch"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(tmp_path, package):
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text(
        "raise ModuleNotFoundError('No module named %s', name=%r)" % (package, package))
    done = run(env=dict(os.environ, PYTHONPATH=str(tmp_path)))
    assert done.returncode == 2 and "pip3 install numpy torch" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_class_is_graded_into_a_table_and_reports(tmp_path):
    pack(tmp_path / "ann.tar", handin())
    pack(tmp_path / "bob.tar", handin(define("mytorch/conv.py", "Conv1D.forward", """
        def forward(self, x):
            while True:
                pass
    """)))
    pack(tmp_path / "cy.tar", handin(define("hw2/mc.py", "question_3", "def question_3(): exit()")))
    shutil.copytree(STUDENT, tmp_path / "dan")
    (tmp_path / "eve.tar").write_bytes(b"")
    names = ["ann.tar", "bob.tar", "cy.tar", "dan", "eve.tar"]
    done = run("--handin", *names, "2", "3.1.1", "--csv", "class.csv", "--reports", "reports",
               "--time-limit", 1, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    with open(tmp_path / "class.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["hand-in", "2", "3.1.1", "total", "why"]
    assert [row[:4] for row in rows] == [
        ["ann.tar", "5", "20", "25"], ["bob.tar", "5", "0", "5"], ["cy.tar", "0", "20", "20"],
        ["dan", "5", "20", "25"], ["eve.tar", "0", "0", "0"]]
    for row, why in zip(rows, ["", "did not finish within 1 s", "SystemExit", "", "it is empty"]):
        assert why in row[4] if why else row[4] == ""
    assert sorted(p.name for p in (tmp_path / "reports").iterdir()) == [
        "ann.txt", "bob.txt", "cy.txt", "dan.txt", "eve.txt"]
    assert "did not finish" in (tmp_path / "reports" / "bob.txt").read_text()
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == names


def test_progress_is_shown_on_a_terminal(tmp_path):
    paths = [pack(tmp_path / name, handin()) for name in ("ann.tar", "bob.tar")]
    status, shown = on_a_terminal("2", "--handin", *paths)
    assert status == 0 and "0 of 2" in shown and re.search(r"1 of 2, \d+ s left", shown)


def zipped(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in handin().items():
            archive.writestr(name, content)


def member(name, **attributes):
    info = tarfile.TarInfo(name)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def archived(*members):
    def make(path):
        with tarfile.open(path, "w") as archive:
            for info in members:
                archive.addfile(info, io.BytesIO(bytes(info.size)))
    return make


@pytest.mark.parametrize("make, words", [
    (lambda path: path.write_bytes(b"just a text"), "it is not a tarball"),
    (lambda path: path.write_bytes(b""), "it is empty"),
    (zipped, "it is a zip file"),
    (lambda path: path.write_bytes(pack(path, handin()).read_bytes()[:3000]), "it is damaged"),
    (archived(member("../outside.py")), "it is unsafe"),
    (archived(member("mytorch", type=tarfile.SYMTYPE, linkname="/etc")), "it is unsafe"),
    (archived(member("hw2/mc.py", size=51 * 2 ** 20)), "more than 50 MiB"),
    (archived(*[member("hw2/%d" % i) for i in range(10001)]), "more than 10000 files"),
    (lambda path: pack(path, {"handin/" + name: text for name, text in handin().items()}),
     "inside handin/"),
    (archived(member("notes.txt")), "no mytorch and no hw2"),
])
def test_what_is_no_hand_in_gets_one_sentence_and_no_points(tmp_path, make, words):
    make(tmp_path / "handin.tar")
    done = run("2", "--handin", tmp_path / "handin.tar", "-A")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 5 and words in lines[2]
    debugged = run("--debug", "ConvForward", "--handin", tmp_path / "handin.tar")
    assert (debugged.returncode, debugged.stderr) == (1, "") and words in debugged.stdout
    assert list(json.loads(lines[-1])["scores"].values()) == [0]
    assert [p.name for p in tmp_path.iterdir()] == ["handin.tar"]


@pytest.mark.parametrize("edit, words", [
    (whole("mytorch/extra.py", ""), "mytorch/extra.py was added"),
    (lambda files: files.update({"hw2/%d.py" % i: "" for i in range(100)}), "95 more like this"),
    (lambda files: files.pop("hw2/mlp.py"), "hw2/mlp.py is missing"),
    (append("mytorch/batchnorm.py", "import scipy.signal"), "line 21, imports scipy.signal"),
    (append("mytorch/batchnorm.py", "def f():\n    from torch import nn"),
     "line 22, imports torch"),
    (whole("mytorch/batchnorm.py", "x = = 1\n"), "batchnorm.py, line 1, cannot be read"),
    (whole("mytorch/batchnorm.py", b"\xff\xfe"), "batchnorm.py"),
    (whole("mytorch/batchnorm.py", "#" * 2 ** 19), "is too large to be looked at"),
])
def test_breaches_of_the_rules_are_warnings_and_cost_nothing_by_themselves(tmp_path, edit, words):
    done = run("2", "--handin", pack(tmp_path / "handin.tar", handin(edit)))
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout
    assert 1 <= len([s for s in done.stdout.splitlines() if s.startswith("warning: ")]) <= 6


@pytest.mark.parametrize("edit", [
    whole("mytorch/__pycache__/conv.cpython-311.pyc", b""), whole("hw2/.DS_Store", b""),
    append("mytorch/conv.py", "# import torch"), append("hw2/mlp.py", "import matplotlib"),
    append("hw2/hw2.py", "import math, mytorch.conv, conv")])
def test_what_breaks_no_rule(tmp_path, edit):
    done = run("2", "--handin", pack(tmp_path / "handin.tar", handin(edit)))
    assert done.returncode == 0 and "warning" not in done.stdout
