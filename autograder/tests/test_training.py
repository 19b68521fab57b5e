"""The CNN's training steps follow torch.optim.SGD, and it learns."""
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from activation import ReLU, Sigmoid, Tanh
from hw2 import CNN, figure_4_cnn
from loss import SoftmaxCrossEntropy
from torch_twin import twin

torch.set_num_threads(1)


def follow(network, x, labels, batch_size, epochs, tolerance):
    """Train a network and its twin side by side; return the mean loss of each epoch."""
    model = twin(network)
    # On the mean loss, as the linear layer's averaged gradients; the convolutions' are summed.
    *convolutions, W, b = model.parameters()
    optimizer = torch.optim.SGD([{"params": convolutions}, {"params": [W, b]}], network.lr)
    means = []
    for _ in range(epochs):
        total = 0
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            network.zero_grads()
            network.forward(x[batch])
            network.backward(labels[batch])
            network.step()
            mean = torch.nn.functional.cross_entropy(model(torch.tensor(x[batch])),
                                                     torch.tensor(labels[batch]))
            optimizer.zero_grad()
            optimizer.param_groups[0]["lr"] = network.lr * len(x[batch])
            mean.backward()
            optimizer.step()
            count = len(x[batch])
            assert abs(network.loss / count - mean.item()) < tolerance
            total += network.loss
        means.append(total / len(x))
    parameters = iter(model.parameters())
    for layer in network.convolutional_layers + [network.linear_layer]:
        for got, name in (layer.W, "W"), (layer.b, "b"):
            expected = next(parameters).detach().numpy()
            expected = expected.T if layer is network.linear_layer and name == "W" else expected
            np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)
    return means


def scaled(*shape):
    """Weights with variance 1 / fan-in: (out, in, kernel) or (in, out)."""
    fan_in = np.prod(shape[1:]) if len(shape) == 3 else shape[0]
    return np.random.normal(size=shape) / fan_in ** 0.5


@pytest.mark.filterwarnings("error")
def test_steps_follow_sgd():
    for batch_size in 1, 2, 5, 7:
        np.random.seed(batch_size)
        network = CNN(31, 3, [5, 4, 6], [4, 3, 2], [2, 1, 3], 4, [Tanh(), ReLU(), Sigmoid()],
                      scaled, np.random.randn, scaled, SoftmaxCrossEntropy(), 0.2)
        x, labels = np.random.normal(size=(14, 3, 31)), np.eye(4)[np.arange(14) % 4]
        follow(network, x, labels, batch_size, epochs=2, tolerance=1e-10)


def test_step_and_zero_grads():
    network = CNN(9, 2, [3], [3], [2], 4, [ReLU()], None, None, None, SoftmaxCrossEntropy(), 0.5)
    conv, linear = network.convolutional_layers[0], network.linear_layer
    assert network.loss is None and network.output is None
    conv.dW, linear.dW = np.ones(conv.W.shape), np.ones(linear.W.shape)
    W, linear_W = conv.W, linear.W
    network.step()
    np.testing.assert_array_equal(conv.W, W - 0.5)
    np.testing.assert_array_equal(linear.W, linear_W - 0.5)
    network(np.ones((1, 2, 9)))
    network.backward(np.eye(4)[:1])
    gradients = [conv.dW, conv.db, linear.dW, linear.db]
    for gradient in gradients:
        gradient.flat[0] = np.nan
    network.zero_grads()
    assert gradients[0] is conv.dW and not any(gradient.any() for gradient in gradients)


def test_train_and_eval():
    network = figure_4_cnn()
    assert network.train_mode is True and network.nlayers == 3
    network.eval()
    assert network.train_mode is False
    network.train()
    assert network.train_mode is True


def patterns_in_noise(count, seed):
    """Inputs (count, 24, 128) with one of two patterns, of random sign, somewhere in noise.

    The sign makes both classes' mean zero, so that no linear model tells them apart.
    """
    rng = np.random.RandomState(seed)
    patterns = rng.normal(size=(2, 24, 8))
    classes = rng.randint(2, size=count)
    x = 0.1 * rng.normal(size=(count, 24, 128))
    for sample, kind in zip(x, classes):
        start = rng.randint(128 - 8)
        sample[:, start:start + 8] += rng.choice([-1, 1]) * patterns[kind]
    return x, np.eye(10)[classes]


@pytest.mark.parametrize("batch_size, lr, epochs", [(1, 0.03, 8), (8, 0.02, 16), (7, 0.02, 16)])
def test_figure_4_learns(batch_size, lr, epochs):
    x, labels = patterns_in_noise(700, seed=5)
    (x, new_x), (labels, new_labels) = np.split(x, [300]), np.split(labels, [300])
    np.random.seed(5)
    network = figure_4_cnn(scaled, np.zeros, scaled, lr)
    means = follow(network, x, labels, batch_size, epochs, tolerance=1e-8)

    def accuracy(logits):
        return (logits.argmax(axis=1) == new_labels.argmax(axis=1)).mean()

    assert means[-1] < 0.2 * means[0]
    assert accuracy(network(new_x)) > 0.95
    linear = np.linalg.lstsq(x.reshape(300, -1), labels, rcond=None)[0]
    assert accuracy(new_x.reshape(400, -1) @ linear) < 0.6
