"""Gradients against differences, convolutions against their sum, scanners against the MLP."""
import numpy as np
import pytest

from activation import Identity, ReLU, Sigmoid, Tanh
from batchnorm import BatchNorm
from conv import Conv1D, Flatten
from hw2 import CNN
from linear import Linear
from loss import SoftmaxCrossEntropy
from mlp import MLP
from mlp_scan import CNN_DistributedScanningMLP, CNN_SimpleScanningMLP

pytestmark = pytest.mark.filterwarnings("error")


def slope(f, array, h=1e-6):
    """The derivative of f() with respect to each element of an array, by central differences."""
    derivative = np.zeros(array.shape)
    for i in np.ndindex(*array.shape):
        was = array[i]
        array[i] = was + h
        up = f()
        array[i] = was - h
        derivative[i] = (up - f()) / (2 * h)
        array[i] = was
    return derivative


@pytest.mark.parametrize("make, shape", [
    (lambda: Conv1D(3, 4, 5, 2), (2, 3, 16)), (lambda: Conv1D(2, 3, 2, 4), (3, 2, 13)),
    (lambda: Linear(4, 3), (5, 4)), (lambda: BatchNorm(3), (5, 3)), (Flatten, (2, 3, 4)),
    (Sigmoid, (3, 4)), (Tanh, (3, 4)), (ReLU, (3, 4)), (Identity, (3, 4)),
    (lambda: MLP([4, 5, 3]), (2, 4)), (CNN_SimpleScanningMLP, (1, 24, 13)),
    (CNN_DistributedScanningMLP, (1, 24, 13)),
])
def test_backward(make, shape):
    rng = np.random.RandomState(1)
    np.random.seed(1)
    layer = make()
    x = rng.normal(size=shape)
    delta = rng.normal(size=layer.forward(x).shape)

    def total():
        return (layer.forward(x) * delta).sum()

    layer.forward(x)
    np.testing.assert_allclose(layer.backward(delta), slope(total, x), rtol=1e-6, atol=1e-6)
    averaged = len(x) if isinstance(layer, Linear) else 1
    for name in "W", "b", "gamma", "beta":
        if hasattr(layer, name):
            gradient = averaged * getattr(layer, "d" + name)
            np.testing.assert_allclose(gradient, slope(total, getattr(layer, name)), rtol=1e-6,
                                       atol=1e-6)


def test_loss():
    rng = np.random.RandomState(2)
    x, y = rng.normal(size=(4, 3)), np.eye(3)[[0, 1, 2, 1]]
    criterion = SoftmaxCrossEntropy()
    criterion(x, y)
    got = criterion.derivative()
    np.testing.assert_allclose(got, slope(lambda: criterion(x, y).sum(), x), atol=1e-8)


def test_cnn():
    rng = np.random.RandomState(3)
    np.random.seed(3)
    network = CNN(13, 2, [3, 2], [3, 2], [2, 1], 4, [Tanh(), Sigmoid()], None, None, None,
                  SoftmaxCrossEntropy(), 0.1)
    x, y = rng.normal(size=(3, 2, 13)), np.eye(4)[[0, 2, 3]]

    def loss():
        return network.criterion(network(x), y).sum()

    network(x)
    np.testing.assert_allclose(network.backward(y), slope(loss, x), atol=1e-7)
    for layer in network.convolutional_layers:
        np.testing.assert_allclose(layer.dW, slope(loss, layer.W), atol=1e-7)
        np.testing.assert_allclose(layer.db, slope(loss, layer.b), atol=1e-7)
    linear = network.linear_layer
    np.testing.assert_allclose(3 * linear.dW, slope(loss, linear.W), atol=1e-7)
    np.testing.assert_allclose(3 * linear.db, slope(loss, linear.b), atol=1e-7)


def test_conv_is_its_defining_sum():
    rng = np.random.RandomState(0)
    for _ in range(100):
        batch, n, m, kernel, stride = map(int, rng.randint(1, 7, size=5))
        width = kernel + rng.randint(12)
        layer, x = Conv1D(n, m, kernel, stride), rng.normal(size=(batch, n, width))
        layer.b = rng.normal(size=m)
        positions = (width - kernel) // stride + 1
        y, dx, dW = np.zeros((batch, m, positions)), np.zeros(x.shape), np.zeros(layer.W.shape)
        delta = rng.normal(size=y.shape)
        for t in range(positions):
            for k in range(kernel):
                i = t * stride + k
                y[:, :, t] += x[:, :, i] @ layer.W[:, :, k].T
                dW[:, :, k] += delta[:, :, t].T @ x[:, :, i]
                dx[:, :, i] += delta[:, :, t] @ layer.W[:, :, k]
        y += layer.b[:, np.newaxis]
        np.testing.assert_allclose(layer(x), y, atol=1e-12)
        np.testing.assert_allclose(layer.backward(delta), dx, atol=1e-12)
        np.testing.assert_allclose(layer.dW, dW, atol=1e-12)
        np.testing.assert_allclose(layer.db, delta.sum(axis=(0, 2)), atol=1e-12)


def scanned(weights, x):
    """What the MLP of these weights gives on each 8 vectors of x, stepping by 4: channel-major."""
    mlp = MLP([192, 8, 16, 4])
    mlp.init_weights(weights)
    stops = [mlp(x[:, :, t:t + 8].transpose(0, 2, 1).reshape(len(x), 192))
             for t in range(0, x.shape[2] - 7, 4)]
    return np.stack(stops, axis=2).reshape(len(x), -1)


def test_simple_scan():
    rng = np.random.RandomState(4)
    network = CNN_SimpleScanningMLP()
    for batch, width in (1, 128), (3, 8), (2, 11), (2, 12), (1, 77):
        weights = [rng.normal(size=shape) for shape in ((192, 8), (8, 16), (16, 4))]
        x = rng.normal(size=(batch, 24, width))
        network.init_weights(tuple(weights))
        np.testing.assert_allclose(network(x), scanned(weights, x), rtol=0, atol=1e-11)
        before = weights[0].copy()
        network.conv1.W[...] = 7
        np.testing.assert_array_equal(weights[0], before)
    mlp = MLP([192, 8, 16, 4])
    mlp.init_weights(weights)
    mlp.layers[0].W[...] = 7
    np.testing.assert_array_equal(weights[0], before)
    assert network(np.zeros((1, 24, 128))).shape == (1, 124)
    signs = [np.sign(W).astype(int) for W in weights]  # the course's file has -1 and 1
    network.init_weights(signs)
    np.testing.assert_allclose(network(x), scanned(signs, x), rtol=0, atol=1e-10)


def test_distributed_scan():
    rng = np.random.RandomState(5)
    network = CNN_DistributedScanningMLP()
    for batch, width in (1, 128), (3, 8), (2, 11), (2, 12), (1, 77):
        a, b, c = (rng.normal(size=shape) for shape in ((48, 2), (4, 8), (16, 4)))
        complete = [np.kron(np.eye(4), a), np.kron(np.eye(2), b), c]
        given = np.empty(3, object)
        given[:] = [np.where(np.kron(np.eye(4), np.ones((48, 2))), complete[0], np.nan),
                    np.where(np.kron(np.eye(2), np.ones((4, 8))), complete[1], np.nan), c]
        x = rng.normal(size=(batch, 24, width))
        network.init_weights(given)
        np.testing.assert_allclose(network(x), scanned(complete, x), rtol=0, atol=1e-11)
