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

torch.set_num_threads(1)  # the arrays are small
pytestmark = pytest.mark.filterwarnings("error")
equal = np.testing.assert_array_equal
close = np.testing.assert_allclose


def agree(network, x, loss, delta):
    """Check a pass against torch's; delta is the loss's derivative, or what our backward takes."""
    got = run_ours(network, x, delta)
    for a, right in zip(got, run_torch(twin(network), x, loss)):
        close(a, right.reshape(a.shape), rtol=0, atol=1e-10)


def weighted(delta):
    """Return the loss whose derivative is delta."""
    return lambda y: (y * torch.tensor(delta)).sum()


def normal(*shape):
    """Weights of variance 1 / fan-in: (out, in, kernel) or (in, out); biases of variance 1."""
    fan_in = 1
    if len(shape) == 2:
        fan_in = shape[0]
    if len(shape) == 3:
        fan_in = shape[1] * shape[2]
    return np.random.normal(size=shape) / fan_in ** 0.5


def test_multiple_choice():
    assert mc.question_1() == "b"
    assert mc.question_2() == "d"
    assert mc.question_3() == "b"
    assert mc.question_4() == "a"
    assert mc.question_5() == "a"


@pytest.mark.parametrize("sizes", [[6, 5], [7, 4, 3], [192, 8, 16, 4]])
def test_mlp(sizes):
    np.random.seed(0)
    network = MLP(sizes)
    weights = [normal(*shape) for shape in zip(sizes, sizes[1:])]
    before = weights[0].copy()
    network.init_weights(weights)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Linear"] + ["ReLU", "Linear"] * (len(sizes) - 2)
    delta = normal(3, sizes[-1])
    agree(network, normal(3, sizes[0]), weighted(delta), delta)
    equal(network.layers[0].W, before)
    network.layers[0].W[...] = 7  # a copy
    equal(weights[0], before)


def shared(blocks, height, width):
    """Return a matrix with one block, (height, width), again and again on its diagonal."""
    return np.kron(np.eye(blocks), normal(height, width))


def with_gaps(matrix, blocks):
    """Return the matrix with NaN for the connections that are not there: off the blocks."""
    height = len(matrix) // blocks
    width = matrix.shape[1] // blocks
    is_there = np.kron(np.eye(blocks), np.ones((height, width)))
    return np.where(is_there, matrix, np.nan)


def weights_of(kind):
    """Return what the MLP uses, and what the scanner is given."""
    last = np.sign(normal(16, 4)).astype(int)
    if kind is CNN_SimpleScanningMLP:
        weights = [normal(192, 8), normal(8, 16), last]
        return weights, weights
    weights = [shared(4, 48, 2), shared(2, 4, 8), last]
    given = np.empty(3, object)
    given[:] = with_gaps(weights[0], 4), with_gaps(weights[1], 2), last
    return weights, given


def scan(mlp, x):
    """Return what the MLP gives on each 8 vectors, stepping by 4, channel-major."""
    outputs = []
    for t in range(0, x.shape[2] - 7, 4):
        window = x[:, :, t:t + 8].transpose(0, 2, 1)
        outputs.append(mlp(window.reshape(len(x), -1)))
    return np.stack(outputs, axis=2).reshape(len(x), -1)


@pytest.mark.parametrize("width", [128, 8, 11, 12, 77])
@pytest.mark.parametrize("kind", [CNN_SimpleScanningMLP, CNN_DistributedScanningMLP])
def test_scanners(kind, width):
    np.random.seed(0)
    network = kind()
    mlp = MLP([192, 8, 16, 4])
    x = np.random.normal(size=(2, 24, width))
    weights, given = weights_of(kind)
    mlp.init_weights(weights)
    network.init_weights(given)
    right = scan(mlp, x)
    close(network(x), right, rtol=0, atol=1e-11)
    delta = np.random.normal(size=right.shape)
    agree(network, x, weighted(delta), delta)
    equal(network(x.tolist()), network(x))
    before = given[2].copy()
    network.conv3.W[...] = 7  # a copy
    equal(given[2], before)


@pytest.mark.parametrize("channels, kernels, strides", [
    ([5], [4], [2]), ([5, 4], [4, 3], [1, 2]), ([5, 4, 6], [4, 3, 2], [2, 1, 3])])
def test_cnn(channels, kernels, strides):
    """Passes agree with torch's, zero_grads and step do what the course's do."""
    np.random.seed(0)
    activations = [Tanh(), ReLU(), Sigmoid()][:len(channels)]
    network = CNN(31, 3, channels, kernels, strides, 4, activations, normal, normal, normal,
                  SoftmaxCrossEntropy(), 0.2)
    assert network.loss is None
    assert network.output is None
    assert network.nlayers == len(channels)
    for batch in 1, 4, 3:
        x = np.random.normal(size=(batch, 3, 31))
        check_pass(network, x, np.eye(4)[np.arange(batch)])
        check_step(network)


def check_pass(network, x, labels):
    def loss(logits):
        target = torch.tensor(labels)
        return torch.nn.functional.cross_entropy(logits, target, reduction="sum")

    agree(network, x, loss, labels)
    equal(network.forward(x.tolist()), network.forward(x))
    close(network.loss, loss(torch.tensor(network.output)).item(), rtol=1e-12)


def check_step(network):
    with_weights = [layer for layer in layers(network) if hasattr(layer, "W")]
    assert len(with_weights) == network.nlayers + 1
    before = [(layer.W, layer.b) for layer in with_weights]
    network.step()
    for layer, (W, b) in zip(with_weights, before):
        equal(layer.W, W - 0.2 * layer.dW)
        equal(layer.b, b - 0.2 * layer.db)
    gradients = [(layer.dW, layer.db) for layer in with_weights]
    for dW, db in gradients:
        dW[...] = np.nan
        db[...] = np.nan
    network.zero_grads()
    for dW, db in gradients:
        assert not dW.any()
        assert not db.any()


def test_figure_4_is_the_handouts():
    network = figure_4_cnn(lr=0.03)
    assert [layer.W.shape for layer in network.convolutional_layers] == [
        (56, 24, 5), (28, 56, 6), (14, 28, 2)]
    assert [layer.stride for layer in network.convolutional_layers] == [1, 2, 2]
    assert [type(layer) for layer in network.activations] == [Tanh, ReLU, Sigmoid]
    assert network.linear_layer.W.shape == (420, 10)
    assert network.lr == 0.03
    assert figure_4_cnn().lr == 0.01


def test_figure_4_learns():
    np.random.seed(5)
    network = figure_4_cnn(normal, np.zeros, normal, 0.03)
    patterns = np.random.normal(size=(10, 24, 128))
    losses = []
    for _ in range(60):
        classes = np.random.randint(10, size=8)
        noise = np.random.normal(size=(8, 24, 128))
        network(patterns[classes] + 0.1 * noise)
        network.backward(np.eye(10)[classes])
        network.step()
        losses.append(network.loss)
    assert np.mean(losses[-10:]) < 0.2 * np.mean(losses[:10])


def float32(*shape):
    return normal(*shape).astype(np.float32)


def test_training_in_float32_stays_in_float32():
    """Also with labels from np.eye, which are float64."""
    network = figure_4_cnn(float32, float32, float32)
    x = float32(8, 24, 128)
    for _ in range(2):
        network(x)
        dx = network.backward(np.eye(10)[:8])
        network.step()
        assert network.output.dtype == dx.dtype == network.loss.dtype == np.float32
        for layer in network.convolutional_layers + [network.linear_layer]:
            assert layer.W.dtype == layer.b.dtype == np.float32
            assert layer.dW.dtype == layer.db.dtype == np.float32


def test_modes():
    network = figure_4_cnn()
    assert network.train_mode is True
    network.eval()
    assert network.train_mode is False
    network.train()
    assert network.train_mode is True


def test_a_shared_network_returns_its_own_output():
    """As two threads share one: what the other writes to `output` is not returned."""
    class Shared(CNN):
        output = property(lambda self: None, lambda self, value: None)

    network = Shared(5, 1, [2], [3], [2], 4, [ReLU()], None, None, None, SoftmaxCrossEntropy(), 0.1)
    assert network(np.zeros((6, 1, 5))).shape == (6, 4)
