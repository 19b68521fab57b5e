"""The starter: what the course gives is there, what students write is not, and no answer to it."""
import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import TOP, needs_torch, run, run_here, unfolded
from handins import STUDENT, define, handin, pack
from hw2_autograder.gaps import gaps
from hw2_autograder.sections import SECTIONS

WRITTEN = {  # by students, in this homework or the one before
    "mytorch/conv.py": [
        "Conv1D.forward", "Conv1D.backward", "Flatten.forward", "Flatten.backward"],
    "mytorch/linear.py": ["Linear.forward", "Linear.backward"],
    "mytorch/activation.py": [
        "Activation.forward", "Activation.derivative", "Sigmoid.forward", "Sigmoid.derivative",
        "Tanh.forward", "Tanh.derivative", "ReLU.forward", "ReLU.derivative"],
    "mytorch/loss.py": [
        "Criterion.forward", "Criterion.derivative",
        "SoftmaxCrossEntropy.forward", "SoftmaxCrossEntropy.derivative"],
    "mytorch/batchnorm.py": ["BatchNorm.__init__"],
    "hw2/mc.py": ["question_1", "question_2", "question_3", "question_4", "question_5"],
    "hw2/mlp_scan.py": [
        "CNN_SimpleScanningMLP.__init__", "CNN_SimpleScanningMLP.init_weights",
        "CNN_DistributedScanningMLP.__init__", "CNN_DistributedScanningMLP.init_weights"]}
BEGUN = {"hw2/hw2.py": ["CNN.__init__", "CNN.forward", "CNN.backward"]}  # given lines come first
GIVEN = {  # as in a student's files, which were made from the course's
    "mytorch/conv.py": ["Conv1D.__init__", "Conv1D.__call__", "Flatten.__call__"],
    "hw2/mlp_scan.py": [
        "CNN_SimpleScanningMLP.forward", "CNN_SimpleScanningMLP.backward",
        "CNN_SimpleScanningMLP.__call__", "CNN_DistributedScanningMLP.forward",
        "CNN_DistributedScanningMLP.backward", "CNN_DistributedScanningMLP.__call__"],
    "hw2/hw2.py": ["CNN.train", "CNN.eval", "CNN.__call__"]}
FILES = {  # besides the autograder's
    "README.md", "create_tarball.sh", "exclude.txt", "mytorch/conv.py", "mytorch/linear.py",
    "mytorch/activation.py", "mytorch/loss.py", "mytorch/batchnorm.py", "hw2/hw2.py", "hw2/mlp.py",
    "hw2/mlp_scan.py", "hw2/mc.py"}


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "starter"
    subprocess.run([sys.executable, TOP / "autograder" / "make_starter.py", folder], check=True)
    return folder


def functions(path):
    """The functions and methods of a file by their qualified names."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    found[node.name + "." + part.name] = part
    return found


def body(function):
    """A function's statements as text, less its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return [ast.unparse(statement) for statement in statements]


def files_below(folder):
    """The paths of all files below a folder, from there."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def test_its_files(starter):
    expected = set(map(Path, FILES))
    grader = Path("autograder", "hw2_autograder")
    for path in files_below(TOP / grader):
        if "__pycache__" not in path.parts:
            expected.add(grader / path)
    assert files_below(starter) == expected


def test_what_students_write_is_left_to_them(starter):
    for name, methods in WRITTEN.items():
        for method in methods:
            assert body(functions(starter / name)[method]) == ["raise NotImplementedError"], method
    for name, methods in BEGUN.items():
        for method in methods:
            *given, last = body(functions(starter / name)[method])
            assert last == "raise NotImplementedError"
            assert given == body(functions(STUDENT / name)[method])[:len(given)], method


def test_what_the_course_gives_is_as_in_a_students_files(starter):
    for name, methods in GIVEN.items():
        for method in methods:
            given = body(functions(starter / name)[method])
            student = body(functions(STUDENT / name)[method])
            if method == "Conv1D.__init__":  # one of the two has an if where the other has an else
                attributes = {line.split(" = ")[0] for line in student}
                assert attributes <= set(re.findall(r"self\.\w+", "\n".join(given)))
            else:
                assert given == student, method


def test_no_answer_stands_outside_the_autograder(starter):
    sizes = r"24, 8, 8, 4|24, 2, 2, 2|8, 24, 8\b|2, 24, 2\b|2, 8, 2, 2|8, 4, 2, 1|420, 10"
    answers = sizes + r"|\[56, 28, 14\]|[^\w]['\"][a-dA-D]['\"]|bdbaa"
    for path in [*starter.glob("*.md"), *starter.glob("hw2/*"), *starter.glob("mytorch/*")]:
        if path.name != "mlp.py":
            assert not re.search(answers, path.read_text()), path


def test_its_readme_says_what_the_projects_does(starter):
    text = unfolded((starter / "README.md").read_text())
    needs, = re.findall("pip install numpy torch==[0-9.]+", text)
    assert needs in unfolded((TOP / "README.md").read_text())
    assert "Run the autograder, but do not read it" in text
    assert "tested on Linux" in text
    assert not re.search(r"\bmend|beyond", text)


def test_its_readme_shows_how_to_load_the_sample_weights(starter):
    text = (starter / "README.md").read_text()
    program, = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", program], cwd=starter, capture_output=True,
                          text=True)
    assert done.stdout == "(192, 8) (8, 16) (16, 4) (1, 24, 128)\n", done.stderr


def run_of(starter):
    """What comes of the starter's own autograder."""
    return run(runner=starter / "autograder" / "hw2_autograder" / "runner.py")


TOLD = ["2 Multiple choice: not written yet: question_1, question_2, question_3, question_4,"
        " question_5 3.1.1",
        "3.1.1 Conv1D forward: not written yet: Conv1D.forward 3.1.2",
        ": not written yet: Flatten.forward, Flatten.backward, Linear.forward, Linear.backward,"
        " Sigmoid.forward, Sigmoid.derivative, Tanh.forward, Tanh.derivative, ReLU.forward,"
        " ReLU.derivative, SoftmaxCrossEntropy.forward, SoftmaxCrossEntropy.derivative 3.3",
        "CNN_SimpleScanningMLP.__init__, CNN_SimpleScanningMLP.init_weights 3.4",
        "CNN.__init__, CNN.forward, CNN.backward"]


@needs_torch
def test_it_gets_no_points_and_is_told_what_is_not_written_yet(starter):
    done = run_of(starter)
    assert done.stderr == ""
    assert done.returncode == 1
    total = sum(section.points for section in SECTIONS)
    assert re.search(r"^total +0 / +%d$" % total, done.stdout, re.M)
    for words in TOLD:
        assert words in unfolded(done.stdout), done.stdout
    assert not re.search(r"Traceback|\| |error", done.stdout)


@needs_torch
@pytest.mark.parametrize("gap", ["raise NotImplemented", "return NotImplemented", "pass",
                                 "self.conv1 = None\n        self.layers = []",
                                 "return NotImplementedError"])
def test_the_courses_own_gaps_are_known(tmp_path, capsys, gap):
    """They come in more forms than this starter has."""
    init = define("hw2/mlp_scan.py", "CNN_SimpleScanningMLP.__init__",
                  "def __init__(self):\n        " + gap)
    if gap.startswith("self.conv1"):  # a scanner's alone
        gap = "pass"
    backward = define("mytorch/conv.py", "Conv1D.backward",
                      "def backward(self, delta):\n        " + gap)
    path = pack(tmp_path / "handin.tar", handin(init, backward))
    assert run_here("3.1.2", "3.3", "--handin", path) == 1
    told = unfolded(capsys.readouterr().out)
    assert "3.1.2 Conv1D backward: not written yet: Conv1D.backward 3.3" in told
    assert "not written yet: CNN_SimpleScanningMLP.__init__" in told
    assert "|" not in told


def fill_in(starter, name):
    """Put a student's methods in place of those that are not written in a file."""
    path = starter / name
    lines = path.read_text().splitlines(keepends=True)
    text = (STUDENT / name).read_text().splitlines(keepends=True)
    written = functions(STUDENT / name)
    unwritten = gaps({name: path.read_bytes()})
    for method, gap in reversed(functions(path).items()):  # the lines above it stay where they are
        if method in unwritten and method in written:
            own = written[method]
            lines[gap.lineno - 1:gap.end_lineno] = text[own.lineno - 1:own.end_lineno]
    path.write_text("".join(lines))


@needs_torch
def test_with_a_students_methods_filled_in_it_gets_all_points(starter):
    for name in handin():
        fill_in(starter, name)
    done = run_of(starter)
    assert done.returncode == 0, done.stdout
