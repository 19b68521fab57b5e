"""The starter: what the course gives is there, what students write is not, and no answer to it."""
import ast
import re
import subprocess
import sys

import pytest

from conftest import TOP, needs_torch, run, run_here
from handins import STUDENT, define, handin, pack
from hw2_autograder.gaps import gaps
from hw2_autograder.sections import SECTIONS

WRITTEN = {  # by students, in this homework or the one before
    "mytorch/conv.py": ["Conv1D.forward", "Conv1D.backward", "Flatten.forward", "Flatten.backward"],
    "mytorch/linear.py": ["Linear.forward", "Linear.backward"],
    "mytorch/activation.py": ["%s.%s" % (name, method)
                              for name in ("Activation", "Sigmoid", "Tanh", "ReLU")
                              for method in ("forward", "derivative")],
    "mytorch/loss.py": ["%s.%s" % (name, method) for name in ("Criterion", "SoftmaxCrossEntropy")
                        for method in ("forward", "derivative")],
    "mytorch/batchnorm.py": ["BatchNorm.__init__"],
    "hw2/mc.py": ["question_%d" % i for i in range(1, 6)],
    "hw2/mlp_scan.py": ["CNN_%sScanningMLP.%s" % (name, method)
                        for name in ("Simple", "Distributed")
                        for method in ("__init__", "init_weights")]}
BEGUN = {"hw2/hw2.py": ["CNN.__init__", "CNN.forward", "CNN.backward"]}  # given lines come first
GIVEN = {  # as in a student's files, which were made from the course's
    "mytorch/conv.py": ["Conv1D.__init__", "Conv1D.__call__", "Flatten.__call__"],
    "hw2/mlp_scan.py": ["CNN_%sScanningMLP.%s" % (name, method)
                        for name in ("Simple", "Distributed")
                        for method in ("forward", "backward", "__call__")],
    "hw2/hw2.py": ["CNN.train", "CNN.eval", "CNN.__call__"]}


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "starter"
    subprocess.run([sys.executable, TOP / "autograder" / "make_starter.py", folder], check=True)
    return folder


def functions(path):
    """The functions and methods of a file by their qualified names."""
    tree = ast.parse(path.read_text())
    return {prefix + node.name: node for prefix, body in [("", tree.body), *(
        (node.name + ".", node.body) for node in tree.body if isinstance(node, ast.ClassDef))]
        for node in body if isinstance(node, ast.FunctionDef)}


def body(function):
    """A function's statements as text, less its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return [ast.unparse(statement) for statement in statements]


def test_its_files(starter):
    names = {path.relative_to(starter).as_posix() for path in starter.rglob("*") if path.is_file()}
    grader = TOP / "autograder" / "hw2_autograder"
    assert names == {"README.md", "create_tarball.sh", "exclude.txt",
                     *("mytorch/%s.py" % name for name in (
                         "conv", "linear", "activation", "loss", "batchnorm")),
                     *("hw2/%s.py" % name for name in ("hw2", "mlp", "mlp_scan", "mc")),
                     *("autograder/hw2_autograder/" + path.relative_to(grader).as_posix()
                       for path in grader.rglob("*")
                       if path.is_file() and "__pycache__" not in path.parts)}


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
                assert {line.split(" = ")[0] for line in student} <= set(re.findall(
                    r"self\.\w+", "\n".join(given)))
            else:
                assert given == student, method


def test_no_answer_stands_outside_the_autograder(starter):
    for path in [*starter.glob("*.md"), *starter.glob("hw2/*"), *starter.glob("mytorch/*")]:
        sizes = r"24, 8, 8, 4|24, 2, 2, 2|8, 24, 8\b|2, 24, 2\b|2, 8, 2, 2|8, 4, 2, 1|420, 10"
        assert path.name == "mlp.py" or not re.search(
            sizes + r"|\[56, 28, 14\]|[^\w]['\"][a-dA-D]['\"]|bdbaa", path.read_text()), path


def test_its_readme_says_what_the_projects_does(starter):
    text, whole = (re.sub(r"\s+", " ", (top / "README.md").read_text()) for top in (starter, TOP))
    needs, = re.findall("pip install numpy torch==[0-9.]+", text)
    assert needs in whole
    assert "Run the autograder, but do not read it" in text
    assert "tested on Linux" in text and not re.search(r"\bmend|beyond", text)


def test_its_readme_shows_how_to_load_the_sample_weights(starter):
    program, = re.findall(r"```python\n(.*?)```", (starter / "README.md").read_text(), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", program], cwd=starter, capture_output=True,
                          text=True)
    assert done.stdout == "(192, 8) (8, 16) (16, 4) (1, 24, 128)\n", done.stderr


@needs_torch
def test_it_gets_no_points_and_is_told_what_is_not_written_yet(starter):
    done = run(runner=starter / "autograder" / "hw2_autograder" / "runner.py")
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(r"^total +0 / +%d$" % sum(s.points for s in SECTIONS), done.stdout, re.M)
    told = re.sub(r"\s+", " ", done.stdout)
    for words in ("2 Multiple choice: not written yet: question_1, question_2, question_3,"
                  " question_4, question_5 3.1.1",
                  "3.1.1 Conv1D forward: not written yet: Conv1D.forward 3.1.2",
                  ": not written yet: Flatten.forward, Flatten.backward, Linear.forward,"
                  " Linear.backward, Sigmoid.forward, Sigmoid.derivative, Tanh.forward,"
                  " Tanh.derivative, ReLU.forward, ReLU.derivative, SoftmaxCrossEntropy.forward,"
                  " SoftmaxCrossEntropy.derivative 3.3",
                  "CNN_SimpleScanningMLP.__init__, CNN_SimpleScanningMLP.init_weights 3.4",
                  "CNN.__init__, CNN.forward, CNN.backward"):
        assert words in told, done.stdout
    assert not re.search(r"Traceback|\| |error", done.stdout)


@needs_torch
@pytest.mark.parametrize("gap", ["raise NotImplemented", "return NotImplemented", "pass",
                                 "self.conv1 = None\n        self.layers = []",
                                 "return NotImplementedError"])
def test_the_courses_own_gaps_are_known(tmp_path, capsys, gap):
    """They come in more forms than this starter has."""
    init = define("hw2/mlp_scan.py", "CNN_SimpleScanningMLP.__init__",
                  "def __init__(self):\n        %s" % gap)
    backward = define("mytorch/conv.py", "Conv1D.backward", "def backward(self, delta):\n        "
                      + gap.split("\n")[0].replace("self.conv1 = None", "pass"))
    path = pack(tmp_path / "handin.tar", handin(init, backward))
    assert run_here("3.1.2", "3.3", "--handin", path) == 1
    told = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "3.1.2 Conv1D backward: not written yet: Conv1D.backward 3.3" in told
    assert "not written yet: CNN_SimpleScanningMLP.__init__" in told and "|" not in told


@needs_torch
def test_with_a_students_methods_filled_in_it_gets_all_points(starter):
    for name in handin():
        path = starter / name
        student = functions(STUDENT / name)
        text = (STUDENT / name).read_text().splitlines(keepends=True)
        lines = path.read_text().splitlines(keepends=True)
        unwritten = [method for method in gaps({name: path.read_bytes()}) if method in student]
        for method in sorted(unwritten, key=lambda method: -functions(path)[method].lineno):
            node, of = functions(path)[method], student[method]
            lines[node.lineno - 1:node.end_lineno] = text[of.lineno - 1:of.end_lineno]
        path.write_text("".join(lines))
    done = run(runner=starter / "autograder" / "hw2_autograder" / "runner.py")
    assert done.returncode == 0, done.stdout
