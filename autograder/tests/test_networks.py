"""The networks of hw2/: each scans, classifies and learns as its torch counterpart does."""
import numpy as np
import pytest

torch = pytest.importorskip("torch")

import mc
from activation import ReLU, Sigmoid, Tanh
from hw2 import CNN, figure_4_cnn
from loss import SoftmaxCrossEntropy
from mlp import MLP
from mlp_scan import CNN_DistributedScanningMLP, CNN_SimpleScanningMLP
from torch_twin import layers, run_ours, run_torch, twin

pytestmark = pytest.mark.filterwarnings("error")
equal, close = np.testing.assert_array_equal, np.testing.assert_allclose


def agree(network, x, loss, delta):
    """Check a pass against torch's; delta is the loss's derivative, or what our backward takes."""
    for got, right in zip(run_ours(network, x, delta), run_torch(twin(network), x, loss)):
        close(got, right.reshape(got.shape), rtol=0, atol=1e-10)


def normal(*shape):
    """Weights of variance 1 / fan-in: (out, in, kernel) or (in, out); biases of variance 1."""
    fan_in = np.prod(shape[1:]) if len(shape) == 3 else shape[0] if len(shape) == 2 else 1
    return np.random.normal(size=shape) / fan_in ** 0.5


def test_multiple_choice():
    assert [getattr(mc, "question_%d" % i)() for i in range(1, 6)] == list("bdbaa")


def test_mlp():
    for sizes in [6, 5], [7, 4, 3], [192, 8, 16, 4]:
        network, weights = MLP(sizes), [normal(*shape) for shape in zip(sizes, sizes[1:])]
        before = weights[0].copy()
        network.init_weights(weights)
        assert [type(layer).__name__ for layer in network.layers] == (
            ["Linear", "ReLU"] * len(sizes))[:2 * len(sizes) - 3]
        x, delta = normal(3, sizes[0]), normal(3, sizes[-1])
        agree(network, x, lambda y: (y * torch.tensor(delta)).sum(), delta)
        equal(network.layers[0].W, before)
        network.layers[0].W[...] = 7  # a copy
        equal(weights[0], before)


@pytest.mark.parametrize("width", [128, 8, 11, 12, 77])
@pytest.mark.parametrize("kind", [CNN_SimpleScanningMLP, CNN_DistributedScanningMLP])
def test_scanners(kind, width):
    """A scanner gives what the MLP gives on each 8 vectors, stepping by 4, channel-major."""
    np.random.seed(0)
    network, mlp, x = kind(), MLP([192, 8, 16, 4]), np.random.normal(size=(2, 24, width))
    given = weights = [normal(192, 8), normal(8, 16), np.sign(normal(16, 4)).astype(int)]
    if kind is CNN_DistributedScanningMLP:  # NaN stands for the connections that are not there
        a, b = np.kron(np.eye(4), np.ones((48, 2))), np.kron(np.eye(2), np.ones((4, 8)))
        weights = [np.kron(np.eye(4), normal(48, 2)), np.kron(np.eye(2), normal(4, 8)), given[2]]
        given = np.empty(3, object)
        given[:] = np.where(a, weights[0], np.nan), np.where(b, weights[1], np.nan), weights[2]
    mlp.init_weights(weights)
    network.init_weights(given)
    stops = [mlp(x[:, :, t:t + 8].transpose(0, 2, 1).reshape(2, 192))
             for t in range(0, width - 7, 4)]
    close(network(x), np.stack(stops, axis=2).reshape(2, -1), rtol=0, atol=1e-11)
    delta = np.random.normal(size=(2, 4 * len(stops)))
    agree(network, x, lambda y: (y * torch.tensor(delta)).sum(), delta)
    equal(network(x.tolist()), network(x))
    before = given[2].copy()
    network.conv3.W[...] = 7  # a copy
    equal(given[2], before)


@pytest.mark.parametrize("sizes", [([5], [4], [2]), ([5, 4], [4, 3], [1, 2]),
                                   ([5, 4, 6], [4, 3, 2], [2, 1, 3])])
def test_cnn(sizes):
    """Passes agree with torch's, zero_grads and step do what the course's do."""
    np.random.seed(0)
    network = CNN(31, 3, *sizes, 4, [Tanh(), ReLU(), Sigmoid()][:len(sizes[0])], normal, normal,
                  normal, SoftmaxCrossEntropy(), 0.2)
    assert network.loss is None and network.output is None and network.nlayers == len(sizes[0])
    for batch in 1, 4, 3:
        x, labels = np.random.normal(size=(batch, 3, 31)), np.eye(4)[np.arange(batch)]

        def loss(logits):
            return torch.nn.functional.cross_entropy(logits, torch.tensor(labels), reduction="sum")

        agree(network, x, loss, labels)
        equal(network.forward(x.tolist()), network.forward(x))
        close(network.loss, loss(torch.tensor(network.output)).item(), rtol=1e-12)
        kept = [(layer, layer.W, layer.b, layer.dW, layer.db) for layer in layers(network)
                if hasattr(layer, "W")]
        network.step()
        for layer, W, b, dW, db in kept:
            equal(layer.W, W - 0.2 * dW)
            equal(layer.b, b - 0.2 * db)
            dW[...], db[...] = np.nan, np.nan
        network.zero_grads()
        assert not any(dW.any() or db.any() for *_, dW, db in kept)


def test_figure_4_learns():
    np.random.seed(5)
    network = figure_4_cnn(normal, np.zeros, normal, 0.03)
    patterns = np.random.normal(size=(10, 24, 128))
    assert [(layer.W.shape, layer.stride) for layer in network.convolutional_layers] == [
        ((56, 24, 5), 1), ((28, 56, 6), 2), ((14, 28, 2), 2)]
    assert [type(layer) for layer in network.activations] == [Tanh, ReLU, Sigmoid]
    assert network.linear_layer.W.shape == (420, 10) and network.train_mode is True
    assert figure_4_cnn().lr == 0.01 and network.lr == 0.03
    losses = []
    for _ in range(60):
        classes = np.random.randint(10, size=8)
        network(patterns[classes] + 0.1 * np.random.normal(size=(8, 24, 128)))
        network.backward(np.eye(10)[classes])
        network.step()
        losses.append(network.loss)
    assert np.mean(losses[-10:]) < 0.2 * np.mean(losses[:10])

    network.eval()
    assert network.train_mode is False
    network.train()
    assert network.train_mode is True
