"""Later homeworks: mytorch alone works beside a program, and each way to import it."""
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import TOP

torch = pytest.importorskip("torch")
functional = torch.nn.functional


def run(folder, *arguments):
    done = subprocess.run([sys.executable, "-B", "-W", "error", *map(str, arguments)], cwd=folder,
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), arguments
    return done.stdout


def test_rnn(tmp_path):
    rng = np.random.RandomState(2)
    given = {name: rng.normal(size=shape) / 2 for name, shape in (
        ("xs", (9, 7, 4)), ("W_ih", (5, 4)), ("W_hh", (5, 5)), ("W", (5, 3)))}
    given["y"] = np.eye(3)[rng.randint(3, size=7)]
    np.savez(tmp_path / "given.npz", **given)
    shutil.copytree(TOP / "mytorch", tmp_path / "home" / "mytorch")
    shutil.copy(Path(__file__).parent / "homeworks" / "rnn.py", tmp_path / "home")
    assert run(tmp_path, tmp_path / "home" / "rnn.py", tmp_path) == ""

    leaves = {name: torch.tensor(a, requires_grad=True) for name, a in given.items()}
    b, h = torch.zeros(3, requires_grad=True, dtype=torch.double), torch.zeros(7, 5).double()
    for x in leaves["xs"]:
        h = torch.tanh(x @ leaves["W_ih"].T + h @ leaves["W_hh"].T)
    loss = functional.cross_entropy(h @ leaves["W"] + b, leaves["y"], reduction="none")
    loss.sum().backward()
    right = {name: leaves[name].grad for name in ("W_ih", "W_hh", "W")}
    right.update(losses=loss.detach(), b=b.grad)
    for name, got in np.load(tmp_path / "result.npz").items():
        np.testing.assert_allclose(got, right[name].numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("folders", [["mytorch", "hw2", ""], ["", "hw2", "mytorch"]])
def test_imports_from_another_directory(tmp_path, folders):
    path = "import sys; sys.path[:0] = %r; " % [str(TOP / folder) for folder in folders]
    for statement in [
            "from conv import *; Conv1D, Flatten", "from linear import *; Linear",
            "from loss import *; np, os, Criterion, SoftmaxCrossEntropy",
            "from batchnorm import *; BatchNorm",
            "from activation import *; Activation, Identity, Sigmoid, Tanh, ReLU",
            "from mytorch.conv import Conv1D", "from mytorch.loss import os, np",
            "from mytorch import *; Activation, BatchNorm, Conv1D, Criterion, Flatten, Identity, "
            "Linear, ReLU, Sigmoid, SoftmaxCrossEntropy, Tanh", "import hw2; hw2.CNN",
            "import mlp_scan", "import mc; mc.question_1()", "import mlp; mlp.MLP"]:
        run(tmp_path, "-c", path + statement)


def test_each_file_of_hw2_finds_mytorch_by_itself(tmp_path):
    for module in "hw2", "mlp_scan", "mlp", "mc":
        path = str(TOP / "hw2")
        run(tmp_path, "-c", "import sys; sys.path.append(%r); import %s" % (path, module))


def test_help_lists_the_classes():
    shown = run(TOP, "-c", "import mytorch; help(mytorch)")
    for name in "Conv1D", "Flatten", "Linear", "Tanh", "SoftmaxCrossEntropy", "BatchNorm":
        assert "class %s(" % name in shown
