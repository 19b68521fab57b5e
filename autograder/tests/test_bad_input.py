"""Bad input gets one error that says what was expected and what came, and changes nothing."""
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

# A call, on new layers or on those of `used`, and what it expected and got.
BAD = """
Conv1D(0, 4, 5, 2): in_channel to be a positive integer, got 0
Conv1D(3, 4, 5.0, 2): kernel_size to be a positive integer, got 5.0
Conv1D(3, 4, 5, '2'): stride to be a positive integer, got '2'
Linear(None, 4): in_feature to be a positive integer, got None
BatchNorm(0): in_feature to be a positive integer, got 0
BatchNorm(3.0): in_feature to be a positive integer, got 3.0
MLP([4]): two layer_sizes or more, got [4]
cnn(kernels=[]): num_channels, kernel_sizes, strides and activations of one length, got [2, 0, 2, 2]
cnn(width=4): input_width to fit all kernels, got 4

conv(zeros(3, 11)): x of shape ('any', 3, 'any'), got (3, 11)
conv(zeros(2, 4, 11)): x of shape ('any', 3, 'any'), got (2, 4, 11)
conv(zeros(2, 3, 4)): x of width 5 or more, got 4
flatten(zeros(2, 3)): x of shape ('any', 'any', 'any'), got (2, 3)
linear(zeros(2, 4)): x of shape ('any', 3), got (2, 4)
norm(zeros(2, 1)): x of shape (batch, 3), not empty in training, got (2, 1)
norm(zeros(0, 3)): x of shape (batch, 3), not empty in training, got (0, 3)
norm(zeros(2, 3, 1)): x of shape (batch, 3), not empty in training, got (2, 3, 1)
criterion(zeros(3), zeros(3)): logits x of shape (batch, classes), got (3,)
criterion(zeros(2, 3), [0, 1]): labels y of the logits' shape (2, 3), got (2,)
distributed(zeros(24, 7)): x of shape ('any', 24, 'any'), got (24, 7)
distributed(zeros(1, 24, 7)): x of width 8 or more, got 7
network(zeros(2, 3, 21)): x of shape ('any', 3, 20), got (2, 3, 21)

conv.backward(zeros(1, 4, 4)): delta of shape (2, 4, 4), got (1, 4, 4)
flatten.backward(zeros(2, 11)): delta of shape (2, 12), got (2, 11)
linear.backward(zeros(2, 1)): delta of shape (2, 4), got (2, 1)
norm.backward(zeros(1, 3)): delta of shape (2, 3), got (1, 3)
relu.backward(zeros(3)): delta of shape (2, 3), got (3,)

Conv1D(3, 4, 5, 2, lambda *shape: zeros(3, 4, 5)): W of shape (4, 3, 5), got (3, 4, 5)
Conv1D(3, 4, 5, 2, None, lambda n: zeros(1, n)): b of shape (4,), got (1, 4)
Linear(3, 4, lambda n, m: zeros(m, n)): W of shape (3, 4), got (4, 3)
Linear(3, 4, None, lambda n: 0.0): b of shape (4,), got ()
Linear(3, 4, None, lambda n: zeros(n, 1)): b of shape (1, 4), got (4, 1)
bad_b(zeros(2, 3, 11)): b of shape (4,), got (4, 1)
bad_W(zeros(2, 3, 11)): W of shape (4, 3, 5), got (4, 5, 3)
bad_W.backward(zeros(2, 4, 4)): W of shape (4, 3, 5), got (4, 5, 3)
mlp.init_weights([zeros(4, 3)]): weights of shapes [(4, 3), (3, 2)], got [(4, 3)]
simple.init_weights([zeros(8)]): weights of shapes [(192, 8), (8, 16), (16, 4)], got [(8,)]

Conv1D(3, 4, 5, 2).backward(zeros(2, 4, 4)): forward(x) before backward(delta)
Linear(3, 4).backward(zeros(2, 4)): forward(x) before backward(delta)
BatchNorm(3).backward(zeros(2, 3)): forward(x) before backward(delta)
Sigmoid().derivative(): forward(x) before derivative() and backward(delta)
Identity().backward(zeros(3)): forward(x) before derivative() and backward(delta)
SoftmaxCrossEntropy().derivative(): forward(x, y) before derivative()
cnn().backward(zeros(2, 6)): forward(x) before backward(labels)
Flatten().backward(zeros(2, 12)): forward(x) before backward(delta)
"""
NOT_NUMBERS = ["conv([[['a'] * 11] * 3] * 2)", "linear([['a', 'b', 'c']])", "relu('a')",
               "norm([['a', 'b', 'c']])", "criterion([['a']], [['a']])", "simple.init_weights(3)"]


def zeros(*shape):
    return np.zeros(shape)


def cnn(width=20, kernels=(3, 2)):
    return CNN(width, 3, [4, 5], kernels, [2, 1], 6, [Tanh(), ReLU()], None, None, None,
               SoftmaxCrossEntropy(), 0.1)


def used():
    """Return layers and networks that have been forward once, by name."""
    conv = Conv1D, (3, 4, 5, 2), (2, 3, 11)
    the = {"conv": conv, "bad_W": conv, "bad_b": conv, "flatten": (Flatten, (), (2, 3, 4)),
           "linear": (Linear, (3, 4), (2, 3)), "norm": (BatchNorm, (3,), (2, 3)),
           "relu": (ReLU, (), (2, 3)), "mlp": (MLP, ([4, 3, 2],), (1, 4)),
           "network": (cnn, (), (2, 3, 20)), "simple": (CNN_SimpleScanningMLP, (), (1, 24, 12)),
           "distributed": (CNN_DistributedScanningMLP, (), (1, 24, 12))}
    for name, (make, arguments, shape) in the.items():
        the[name] = make(*arguments)
        the[name](zeros(*shape))
    the["bad_W"].W, the["bad_b"].b = zeros(4, 5, 3), zeros(4, 1)
    return {**the, "criterion": SoftmaxCrossEntropy()}


def state(thing):
    """Return all that a layer or network holds, to compare before and after."""
    if isinstance(thing, np.ndarray):
        return thing.dtype.str, thing.shape, thing.tobytes()
    if isinstance(thing, (list, tuple)):
        return [state(item) for item in thing]
    if hasattr(thing, "__dict__"):
        return state(list(vars(thing).items()))
    return thing


@pytest.mark.parametrize("call, message", [
    line.rsplit(": ", 1) for line in BAD.split("\n") if line] + [
    (call, None) for call in NOT_NUMBERS])  # which get an error of NumPy's or Python's own
def test_bad_input(call, message):
    the = used()
    before = state(list(the.values()))
    with pytest.raises((ValueError, TypeError)) as caught:
        eval(call, globals(), the)
    assert message is None or repr(caught.value) == repr(ValueError("expected " + message))
    assert state(list(the.values())) == before


@pytest.mark.filterwarnings("error")
def test_the_least_and_other_integers():
    conv = Conv1D(np.int64(3), np.int32(4), np.int8(5), np.uint8(2))
    assert conv(zeros(2, 3, 300)).shape == (2, 4, 148)
    assert conv.backward(zeros(2, 4, 148)).shape == (2, 3, 300)
    for layer, shape in [(conv, (0, 3, 11)), (Linear(np.int64(3), np.int8(2)), (0, 3)),
                         (cnn(), (0, 3, 20)), (Flatten(), (0, 3, 4))]:
        y = layer(zeros(*shape))  # no samples
        assert len(y) == 0 and layer.backward(y).shape == shape
        assert not getattr(layer, "dW", y).any() and not getattr(layer, "db", y).any()
    assert BatchNorm(np.int64(3))(zeros(0, 3), eval=True).shape == (0, 3)
    for layer, shape in [(Conv1D(1, 1, 1, 1), (1, 1, 1)), (Linear(1, 1), (1, 1)),
                         (BatchNorm(1), (1, 1)), (MLP([1, 1]), (1, 1)), (cnn(width=5), (1, 3, 5))]:
        assert len(layer(zeros(*shape))) == 1
