"""Later homeworks: mytorch alone works beside a program, and each way to import it."""
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import TOP


def run(folder, *arguments):
    """Return what Python prints; there may be no errors and no warnings."""
    command = [sys.executable, "-B", "-W", "error", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.stderr == "", arguments
    assert done.returncode == 0, arguments
    return done.stdout


def test_rnn(tmp_path):
    torch = pytest.importorskip("torch")
    rng = np.random.RandomState(2)
    given = {}
    given["xs"] = rng.normal(size=(9, 7, 4)) / 2
    given["W_ih"] = rng.normal(size=(5, 4)) / 2
    given["W_hh"] = rng.normal(size=(5, 5)) / 2
    given["W"] = rng.normal(size=(5, 3)) / 2
    given["y"] = np.eye(3)[rng.randint(3, size=7)]
    np.savez(tmp_path / "given.npz", **given)
    home = tmp_path / "home"
    shutil.copytree(TOP / "mytorch", home / "mytorch")
    shutil.copy(Path(__file__).parent / "homeworks" / "rnn.py", home)
    assert run(tmp_path, home / "rnn.py", tmp_path) == ""

    right = torch_rnn(**{name: torch.tensor(a, requires_grad=True) for name, a in given.items()})
    results = np.load(tmp_path / "result.npz")
    assert set(results.keys()) == set(right)
    for name, got in results.items():
        np.testing.assert_allclose(got, right[name].numpy(), rtol=0, atol=1e-12)


def torch_rnn(xs, W_ih, W_hh, W, y):
    """Return the losses and the gradients of the RNN of rnn.py, as torch computes them."""
    import torch
    functional = torch.nn.functional
    b = torch.zeros(3, requires_grad=True, dtype=torch.double)
    h = torch.zeros(7, 5).double()
    for x in xs:
        h = torch.tanh(x @ W_ih.T + h @ W_hh.T)
    losses = functional.cross_entropy(h @ W + b, y, reduction="none")
    losses.sum().backward()
    return {"losses": losses.detach(), "W_ih": W_ih.grad, "W_hh": W_hh.grad, "W": W.grad,
            "b": b.grad}


IMPORTS = """\
from conv import *; Conv1D, Flatten
from linear import *; Linear
from loss import *; np, os, Criterion, SoftmaxCrossEntropy
from batchnorm import *; BatchNorm
from activation import *; Activation, Identity, Sigmoid, Tanh, ReLU
from mytorch.conv import Conv1D
from mytorch.loss import os, np
from mytorch import *; Activation, BatchNorm, Conv1D, Criterion, Flatten, Identity
from mytorch import *; Linear, ReLU, Sigmoid, SoftmaxCrossEntropy, Tanh
import hw2; hw2.CNN
import mlp_scan
import mc; mc.question_1()
import mlp; mlp.MLP"""


@pytest.mark.parametrize("statement", IMPORTS.split("\n"))
@pytest.mark.parametrize("folders", [["mytorch", "hw2", ""], ["", "hw2", "mytorch"]])
def test_imports_from_another_directory(tmp_path, folders, statement):
    path = [str(TOP / folder) for folder in folders]
    run(tmp_path, "-c", "import sys; sys.path[:0] = %r; %s" % (path, statement))


@pytest.mark.parametrize("module", ["hw2", "mlp_scan", "mlp", "mc"])
def test_each_file_of_hw2_finds_mytorch_by_itself(tmp_path, module):
    path = str(TOP / "hw2")
    run(tmp_path, "-c", "import sys; sys.path.append(%r); import %s" % (path, module))


def test_help_lists_the_classes():
    shown = run(TOP, "-c", "import mytorch; help(mytorch)")
    for name in "Conv1D", "Flatten", "Linear", "Tanh", "SoftmaxCrossEntropy", "BatchNorm":
        assert "class %s(" % name in shown
