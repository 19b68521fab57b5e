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
Conv1D(True, 4, 5, 2): in_channel to be a positive integer, got True
Linear(3, False): out_feature to be a positive integer, got False
BatchNorm(True): in_feature to be a positive integer, got True
BatchNorm(3.0): in_feature to be a positive integer, got 3.0
MLP([4]): two layer_sizes or more, got [4]
cnn(kernels=[]): num_channels, kernel_sizes, strides and activations of one length, got [2, 0, 2, 2]
cnn(width=4): input_width to fit all kernels, got 4

conv(zeros(3, 11)): x of shape (batch, 3, width), got (3, 11)
conv(zeros(2, 4, 11)): x of shape (batch, 3, width), got (2, 4, 11)
conv(zeros(2, 3, 4)): x of width 5 or more, got (2, 3, 4)
flatten(zeros(2, 3)): x of shape (batch, channel, width), got (2, 3)
linear(zeros(2, 4)): x of shape (batch, 3), got (2, 4)
norm(zeros(2, 1)): x of shape (batch, 3), got (2, 1)
norm(zeros(0, 3)): x with a sample or more in training, got shape (0, 3)
norm(zeros(2, 3, 1)): x of shape (batch, 3), got (2, 3, 1)
criterion(zeros(3), zeros(3)): logits x of shape (batch, classes), got (3,)
criterion(zeros(2, 3), [0, 1]): one-hot labels y of the logits' shape (2, 3), got (2,)
distributed(zeros(24, 7)): x of shape (batch, 24, width), got (24, 7)
distributed(zeros(1, 24, 7)): x of width 8 or more, got 7
network(zeros(2, 3, 21)): x of shape (batch, 3, 20), got (2, 3, 21)

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
bad_gamma(zeros(2, 3)): gamma of shape (1, 3), got (3, 1)
bad_gamma.backward(zeros(2, 3)): gamma of shape (1, 3), got (3, 1)
bad_beta(zeros(2, 3)): beta of shape (1, 3), got (3,)
bad_mean(zeros(2, 3), eval=True): running_mean of shape (1, 3), got (1, 4)
bad_var(zeros(2, 3)): running_var of shape (1, 3), got ()
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
# A call, and the call in it that fails.
CANNOT_BE_CALLED = """\
Conv1D(3, 4, 5, 2, zeros(4, 3, 5)): weight_init_fn(4, 3, 5)
Conv1D(3, 4, 5, 2, np.zeros): weight_init_fn(4, 3, 5)
Conv1D(3, 4, 5, 2, None, zeros(4)): bias_init_fn(4,)
Linear(3, 4, False): weight_init_fn(3, 4)
Linear(3, 4, np.zeros): weight_init_fn(3, 4)
Linear(3, 4, None, False): bias_init_fn(4,)"""
NOT_NUMBERS = ["conv([[['a'] * 11] * 3] * 2)", "linear([['a', 'b', 'c']])", "relu('a')",
               "norm([['a', 'b', 'c']])", "criterion([['a']], [['a']])", "simple.init_weights(3)"]


def zeros(*shape):
    return np.zeros(shape)


def cnn(width=20, kernels=(3, 2)):
    return CNN(width, 3, [4, 5], kernels, [2, 1], 6, [Tanh(), ReLU()], None, None, None,
               SoftmaxCrossEntropy(), 0.1)


def after(layer, *shape):
    """Return a layer or network after one forward pass."""
    layer(zeros(*shape))
    return layer


def used():
    """Return layers and networks that have been forward once, by name."""
    the = {"criterion": SoftmaxCrossEntropy()}
    for name in "conv", "bad_W", "bad_b":
        the[name] = after(Conv1D(3, 4, 5, 2), 2, 3, 11)
    for name in "norm", "bad_gamma", "bad_beta", "bad_mean", "bad_var":
        the[name] = after(BatchNorm(3), 2, 3)
    the["flatten"] = after(Flatten(), 2, 3, 4)
    the["linear"] = after(Linear(3, 4), 2, 3)
    the["relu"] = after(ReLU(), 2, 3)
    the["mlp"] = after(MLP([4, 3, 2]), 1, 4)
    the["network"] = after(cnn(), 2, 3, 20)
    the["simple"] = after(CNN_SimpleScanningMLP(), 1, 24, 12)
    the["distributed"] = after(CNN_DistributedScanningMLP(), 1, 24, 12)
    the["bad_W"].W = zeros(4, 5, 3)
    the["bad_b"].b = zeros(4, 1)
    the["bad_gamma"].gamma = zeros(3, 1)
    the["bad_beta"].beta = zeros(3)
    the["bad_mean"].running_mean = zeros(1, 4)
    the["bad_var"].running_var = 1.0
    return the


def state(thing):
    """Return all that a layer or network holds, to compare before and after."""
    if isinstance(thing, np.ndarray):
        return thing.dtype.str, thing.shape, thing.tobytes()
    if isinstance(thing, (list, tuple)):
        return [state(item) for item in thing]
    if hasattr(thing, "__dict__"):
        return state(list(vars(thing).items()))
    return thing


def error_of(call):
    """Return the error that a call raises, after checking that it changes nothing."""
    the = used()
    before = state(list(the.values()))
    with pytest.raises((ValueError, TypeError)) as caught:
        eval(call, globals(), the)
    assert state(list(the.values())) == before
    return caught.value


@pytest.mark.parametrize("line", [line for line in BAD.splitlines() if line])
def test_bad_input(line):
    call, message = line.rsplit(": ", 1)
    error = error_of(call)
    assert type(error) is ValueError
    assert str(error) == "expected " + message


@pytest.mark.parametrize("call", NOT_NUMBERS)
def test_not_numbers(call):
    error_of(call)  # NumPy's or Python's own


@pytest.mark.parametrize("line", CANNOT_BE_CALLED.split("\n"))
def test_init_functions_that_cannot_be_called(line):
    call, called = line.split(": ")
    error = error_of(call)
    assert type(error) is TypeError
    assert str(error).startswith("expected %s to give an array, got TypeError(" % called)


@pytest.mark.filterwarnings("error")
def test_other_integers():
    conv = Conv1D(np.int64(3), np.int32(4), np.int8(5), np.uint8(2))
    assert conv(zeros(2, 3, 300)).shape == (2, 4, 148)
    assert conv.backward(zeros(2, 4, 148)).shape == (2, 3, 300)
    assert Linear(np.int64(3), np.int8(2))(zeros(5, 3)).shape == (5, 2)
    assert BatchNorm(np.int64(3))(zeros(0, 3), eval=True).shape == (0, 3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("layer, shape", [
    (Conv1D(3, 4, 5, 2), (0, 3, 11)), (Linear(3, 2), (0, 3)), (cnn(), (0, 3, 20)),
    (Flatten(), (0, 3, 4))])
def test_no_samples(layer, shape):
    y = layer(zeros(*shape))
    assert len(y) == 0
    assert layer.backward(y).shape == shape
    assert not getattr(layer, "dW", y).any()
    assert not getattr(layer, "db", y).any()


@pytest.mark.filterwarnings("error")
def test_the_least():
    assert len(Conv1D(1, 1, 1, 1)(zeros(1, 1, 1))) == 1
    assert len(Linear(1, 1)(zeros(1, 1))) == 1
    assert len(BatchNorm(1)(zeros(1, 1))) == 1
    assert len(MLP([1, 1])(zeros(1, 1))) == 1
    assert len(cnn(width=5)(zeros(1, 3, 5))) == 1
