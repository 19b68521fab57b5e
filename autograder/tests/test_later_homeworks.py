"""Later homeworks: programs with only a copy of mytorch beside them follow torch for many steps."""
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import TOP

torch = pytest.importorskip("torch")
functional = torch.nn.functional


def run_homework(name, folder, **given):
    """Run homeworks/`name` in a folder of its own on these arrays; return what it saved."""
    home = folder / "home"
    shutil.copytree(TOP / "mytorch", home / "mytorch",
                    ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).parent / "homeworks" / name, home)
    np.savez(folder / "given.npz", **given)
    done = subprocess.run([sys.executable, "-W", "error", str(home / name), str(folder)],
                          cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return np.load(folder / "result.npz")


def leaf(array):
    return torch.tensor(array, requires_grad=True)


def close(got, tensor):
    np.testing.assert_allclose(got, np.asarray(tensor.detach()), rtol=0, atol=1e-9)


def test_mlp_with_batchnorm_and_momentum(tmp_path):
    rng = np.random.RandomState(0)
    x, y = rng.normal(size=(100, 6)), np.eye(3)[rng.randint(3, size=100)]
    W0, W1 = rng.normal(size=(6, 8)), rng.normal(size=(8, 3))
    got = run_homework("mlp_with_batchnorm.py", tmp_path, x=x, y=y, W0=W0, W1=W1)

    W0, W1, b0, b1 = leaf(W0), leaf(W1), leaf(np.zeros(8)), leaf(np.zeros(3))
    gamma, beta = leaf(np.ones(8)), leaf(np.zeros(8))
    optimizer = torch.optim.SGD([{"params": [W0, W1, b0, b1], "momentum": 0.9},
                                 {"params": [gamma, beta]}], lr=0.05)
    mean, var, losses = torch.zeros(8, dtype=W0.dtype), torch.ones(8, dtype=W0.dtype), []
    x, y = torch.tensor(x), torch.tensor(y)
    for i in range(120):
        batch = torch.arange(i * 16, (i + 1) * 16) % 100
        z = x[batch] @ W0 + b0
        with torch.no_grad():
            mean = 0.8 * mean + 0.2 * z.mean(0)
            var = 0.8 * var + 0.2 * z.var(0, unbiased=False)
        h = torch.sigmoid(functional.batch_norm(z, None, None, gamma, beta, True, eps=1e-8))
        loss = functional.cross_entropy(h @ W1 + b1, y[batch])
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    h = torch.sigmoid(functional.batch_norm(x @ W0 + b0, mean, var, gamma, beta, eps=1e-8))

    np.testing.assert_allclose(got["losses"], losses, rtol=0, atol=1e-9)
    assert losses[-1] < losses[0]
    close(got["evaluated"], h @ W1 + b1)
    close(got["W0"], W0)
    close(got["b1"][0], b1)
    close(got["gamma"][0], gamma)
    close(got["running_var"][0], var)


def test_gated_rnn_through_time(tmp_path):
    rng = np.random.RandomState(1)
    xs, y = rng.normal(size=(12, 7, 4)), np.eye(3)[rng.randint(3, size=7)]
    Wz, Wn, Wo = (rng.normal(size=shape) / 3 for shape in ((9, 5), (9, 5), (5, 3)))
    got = run_homework("gated_rnn.py", tmp_path, xs=xs, y=y, Wz=Wz, Wn=Wn, Wo=Wo)

    Wz, Wn, Wo, bo = leaf(Wz), leaf(Wn), leaf(Wo), leaf(np.zeros(3))
    optimizer, losses = torch.optim.SGD([Wz, Wn, Wo, bo], lr=0.3), []
    for _ in range(60):
        h = torch.zeros(7, 5, dtype=Wz.dtype)
        for x in torch.tensor(xs):
            xh = torch.hstack([x, h])
            z, n = torch.sigmoid(xh @ Wz), torch.tanh(xh @ Wn)
            h = (1 - z) * h + z * n
        loss = functional.cross_entropy(h @ Wo + bo, torch.tensor(y))
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    np.testing.assert_allclose(got["losses"], losses, rtol=0, atol=1e-9)
    assert losses[-1] < 0.5 * losses[0]
    for name, tensor in (("Wz", Wz), ("Wn", Wn), ("Wo", Wo), ("bo", bo)):
        close(got[name], tensor)


def test_rnn_cell_of_tensors(tmp_path):
    rng = np.random.RandomState(2)
    xs, y = rng.normal(size=(9, 7, 4)), np.eye(3)[rng.randint(3, size=7)]
    W_ih, W_hh, W_out = (rng.normal(size=shape) / 2 for shape in ((5, 4), (5, 5), (5, 3)))
    got = run_homework("rnn_cell_of_tensors.py", tmp_path, xs=xs, y=y, W_ih=W_ih, W_hh=W_hh,
                       W_out=W_out)

    W_ih, W_hh, b = leaf(W_ih), leaf(W_hh), leaf(np.zeros(5))
    W_out, b_out = leaf(W_out), leaf(np.zeros(3))
    optimizer, losses = torch.optim.SGD([W_ih, W_hh, b, W_out, b_out], lr=0.3), []
    for _ in range(60):
        h = torch.zeros(7, 5, dtype=W_ih.dtype)
        for x in torch.tensor(xs):
            h = torch.tanh(x @ W_ih.T + h @ W_hh.T + b)
        loss = functional.cross_entropy(h @ W_out + b_out, torch.tensor(y))
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    np.testing.assert_allclose(got["losses"], losses, rtol=0, atol=1e-9)
    assert losses[-1] < 0.5 * losses[0]
    for name, tensor in (("W_ih", W_ih), ("W_hh", W_hh), ("b", b), ("W_out", W_out)):
        close(got[name], tensor)


def run(program, folder):
    done = subprocess.run([sys.executable, "-B", "-W", "error", "-c", program], cwd=folder,
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), program


@pytest.mark.parametrize("folders", [["mytorch", "hw2", ""], ["", "hw2", "mytorch"]])
def test_imports_from_another_directory(tmp_path, folders):
    for statement in [
            "from conv import *; Conv1D, Flatten", "from linear import *; Linear",
            "from loss import *; np, os, SoftmaxCrossEntropy", "from batchnorm import *; BatchNorm",
            "from activation import *; Identity, Sigmoid, Tanh, ReLU",
            "from mytorch.conv import Conv1D", "from mytorch import *; Activation, Criterion",
            "from mytorch import Conv1D, Flatten, Linear, BatchNorm, ReLU, SoftmaxCrossEntropy",
            "import hw2; hw2.CNN", "import mlp_scan", "import mc; mc.question_1()",
            "import mlp; mlp.MLP"]:
        path = [str(TOP / folder) for folder in folders]
        run("import sys; sys.path[:0] = %r; %s" % (path, statement), tmp_path)


def test_each_file_of_hw2_finds_mytorch_by_itself(tmp_path):
    for module in "hw2", "mlp_scan", "mlp", "mc":
        run("import sys; sys.path.insert(0, %r); import %s" % (str(TOP / "hw2"), module), tmp_path)


def test_help_lists_the_classes():
    done = subprocess.run([sys.executable, "-B", "-c", "import mytorch; help(mytorch)"], cwd=TOP,
                          capture_output=True, text=True)
    for name in "Conv1D", "Flatten", "Linear", "Tanh", "SoftmaxCrossEntropy", "BatchNorm":
        assert "class %s(" % name in done.stdout
