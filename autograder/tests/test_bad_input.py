"""Bad input gets one error that says what was expected and what came, and changes nothing."""
from types import SimpleNamespace

import numpy as np
import pytest

from activation import Identity, ReLU, Sigmoid, Tanh
from batchnorm import BatchNorm
from conv import Conv1D, Flatten
from hw2 import CNN, figure_4_cnn
from linear import Linear
from loss import SoftmaxCrossEntropy
from mlp import MLP
from mlp_scan import CNN_DistributedScanningMLP, CNN_SimpleScanningMLP

zeros = np.zeros


def cnn(input_width=20, num_channels=(4, 5), strides=(2, 1), activations=(Tanh(), ReLU()), **init):
    return CNN(input_width, 3, num_channels, [3, 2], strides, 6, activations, None, None,
               init.get("linear_weight_init_fn"), SoftmaxCrossEntropy(), 0.1)


def used():
    """Layers and networks that have been forward once, in one namespace."""
    the = SimpleNamespace(
        conv=Conv1D(3, 4, kernel_size=5, stride=2), flatten=Flatten(), linear=Linear(3, 4),
        norm=BatchNorm(3), relu=ReLU(), sigmoid=Sigmoid(), tanh=Tanh(), identity=Identity(),
        criterion=SoftmaxCrossEntropy(), mlp=MLP([4, 3, 2]), cnn=cnn(),
        simple=CNN_SimpleScanningMLP(), distributed=CNN_DistributedScanningMLP())
    the.conv(zeros((2, 3, 11)))
    the.flatten(zeros((2, 3, 4)))
    for layer in the.linear, the.norm, the.relu, the.sigmoid, the.tanh, the.identity:
        layer(zeros((2, 3)))
    the.criterion(zeros((2, 3)), zeros((2, 3)))
    the.mlp(zeros((1, 4)))
    the.cnn(zeros((2, 3, 20)))
    the.simple(zeros((1, 24, 128)))
    the.distributed(zeros((1, 24, 128)))
    the.swapped_conv, the.column_conv = Conv1D(3, 4, 5, 2), Conv1D(3, 4, 5, 2)
    the.swapped_conv.W, the.column_conv.b = zeros((3, 4, 5)), zeros((4, 1))
    the.reshaped_conv = Conv1D(3, 4, 5, 2)
    the.reshaped_conv(zeros((2, 3, 11)))
    the.reshaped_conv.W = zeros((4, 3, 1))
    the.swapped_linear, the.column_linear = Linear(3, 4), Linear(3, 4)
    the.swapped_linear.W, the.column_linear.b = zeros((4, 3)), zeros((4, 1))
    return the


SIZE = " to be a positive integer, got "
SHAPES = "expected weights of shapes [(192, 8), (8, 16), (16, 4)], got "
BAD = [
    # a size that is not a positive integer
    (lambda the: Conv1D(0, 4, 5, 2), "expected in_channel" + SIZE + "0"),
    (lambda the: Conv1D(3, -4, 5, 2), "expected out_channel" + SIZE + "-4"),
    (lambda the: Conv1D(3, 4, 5.0, 2), "expected kernel_size" + SIZE + "5.0"),
    (lambda the: Conv1D(3, 4, 5, "2"), "expected stride" + SIZE + "'2'"),
    (lambda the: Linear(None, 4), "expected in_feature" + SIZE + "None"),
    (lambda the: Linear(3, 0), "expected out_feature" + SIZE + "0"),
    (lambda the: BatchNorm(0), "expected in_feature" + SIZE + "0"),
    (lambda the: MLP([4, 0, 2]), "expected out_feature" + SIZE + "0"),
    (lambda the: MLP([4]), "expected two layer_sizes or more, got [4]"),
    (lambda the: cnn(strides=(2, 0)), "expected stride" + SIZE + "0"),
    (lambda the: cnn(strides=[2]), "expected num_channels, kernel_sizes, strides and "
     "activations of one length, got [2, 2, 1, 2]"),
    (lambda the: cnn(activations=[]), "expected num_channels, kernel_sizes, strides and "
     "activations of one length, got [2, 2, 2, 0]"),
    (lambda the: cnn(input_width=4),
     "expected input_width to fit all kernels, got 4"),

    # an input of the wrong shape
    (lambda the: the.conv(zeros((3, 11))), "expected x of shape ('any', 3, 'any'), got (3, 11)"),
    (lambda the: the.conv(1.0), "expected x of shape ('any', 3, 'any'), got ()"),
    (lambda the: the.conv(zeros((2, 4, 11))),
     "expected x of shape ('any', 3, 'any'), got (2, 4, 11)"),
    (lambda the: the.conv(zeros((2, 3, 4))), "expected x of width 5 or more, got 4"),
    (lambda the: the.flatten(zeros((2, 3))),
     "expected x of shape ('any', 'any', 'any'), got (2, 3)"),
    (lambda the: the.linear(zeros((2, 4))),
     "expected x of shape ('any', 3), got (2, 4)"),
    (lambda the: the.linear(zeros(3)), "expected x of shape ('any', 3), got (3,)"),
    (lambda the: the.norm(zeros((2, 1))), "expected x of shape (batch, 3), "
     "not empty in training, got (2, 1)"),
    (lambda the: the.norm(zeros((0, 3))), "expected x of shape (batch, 3), "
     "not empty in training, got (0, 3)"),
    (lambda the: the.criterion(zeros(3), zeros(3)),
     "expected logits x of shape (batch, classes), got (3,)"),
    (lambda the: the.criterion(zeros((2, 3)), [0, 1]),
     "expected one-hot labels y of the logits' shape (2, 3), got (2,)"),
    (lambda the: the.criterion(zeros((2, 3)), zeros((2, 1))),
     "expected one-hot labels y of the logits' shape (2, 3), got (2, 1)"),
    (lambda the: the.mlp(zeros((1, 5))), "expected x of shape ('any', 4), got (1, 5)"),
    (lambda the: the.simple(zeros((1, 128, 24))),
     "expected x of shape ('any', 24, 'any'), "
     "got (1, 128, 24)"),
    (lambda the: the.distributed(zeros((1, 24, 7))),
     "expected x of width 8 or more, got 7"),
    (lambda the: the.cnn(zeros((2, 3, 21))),
     "expected x of shape ('any', 3, 20), got (2, 3, 21)"),
    (lambda the: the.cnn(zeros((3, 20))), "expected x of shape ('any', 3, 20), got (3, 20)"),

    # a gradient or labels of the wrong shape
    (lambda the: the.conv.backward(zeros((2, 4, 5))),
     "expected delta of shape (2, 4, 4), got (2, 4, 5)"),
    (lambda the: the.conv.backward(zeros((1, 4, 4))),
     "expected delta of shape (2, 4, 4), got (1, 4, 4)"),
    (lambda the: the.flatten.backward(zeros((2, 11))),
     "expected delta of shape (2, 12), got (2, 11)"),
    (lambda the: the.linear.backward(zeros((2, 1))),
     "expected delta of shape (2, 4), got (2, 1)"),
    (lambda the: the.norm.backward(zeros((1, 3))),
     "expected delta of shape (2, 3), got (1, 3)"),
    (lambda the: the.relu.backward(zeros(3)), "expected delta of shape (2, 3), got (3,)"),
    (lambda the: the.identity.backward(0.0), "expected delta of shape (2, 3), got ()"),
    (lambda the: the.mlp.backward(zeros((1, 3))),
     "expected delta of shape (1, 2), got (1, 3)"),
    (lambda the: the.simple.backward(zeros((1, 120))),
     "expected delta of shape (1, 124), got (1, 120)"),
    (lambda the: the.cnn.backward(zeros((2, 5))),
     "expected one-hot labels y of the logits' shape (2, 6), got (2, 5)"),

    # weights of the wrong shape
    (lambda the: Conv1D(3, 4, 5, 2, lambda *shape: zeros((3, 4, 5))),
     "expected W of shape (4, 3, 5), got (3, 4, 5)"),
    (lambda the: Conv1D(3, 4, 5, 2, None, lambda n: zeros((1, n))),
     "expected b of shape (4,), got (1, 4)"),
    (lambda the: Linear(3, 4, lambda i, o: zeros((o, i))),
     "expected W of shape (3, 4), got (4, 3)"),
    (lambda the: Linear(3, 4, None, lambda n: 0.0),
     "expected b of shape (4,), got ()"),
    (lambda the: cnn(linear_weight_init_fn=lambda i, o: zeros((o, i))),
     "expected W of shape (40, 6), got (6, 40)"),
    (lambda the: the.swapped_conv(zeros((2, 3, 11))),
     "expected W of shape (4, 3, 5), got (3, 4, 5)"),
    (lambda the: the.column_conv(zeros((2, 3, 11))), "expected b of shape (4,), got (4, 1)"),
    (lambda the: the.reshaped_conv.backward(zeros((2, 4, 4))),
     "expected W of shape (4, 3, 5), got (4, 3, 1)"),
    (lambda the: the.swapped_linear(zeros((2, 3))),
     "expected W of shape (3, 4), got (4, 3)"),
    (lambda the: the.column_linear(zeros((2, 3))),
     "expected b of shape (1, 4), got (4, 1)"),
    (lambda the: the.mlp.init_weights([zeros((4, 3)), zeros((2, 3))]),
     "expected weights of shapes [(4, 3), (3, 2)], got [(4, 3), (2, 3)]"),
    (lambda the: the.simple.init_weights([zeros((192, 8)), zeros((8, 16))]),
     SHAPES + "[(192, 8), (8, 16)]"),
    (lambda the: the.distributed.init_weights([zeros((8, 192)), zeros((8, 16)), zeros((16, 4))]),
     SHAPES + "[(8, 192), (8, 16), (16, 4)]"),

    # a call out of order
    (lambda the: Conv1D(3, 4, 5, 2).backward(zeros((2, 4, 4))),
     "expected forward(x) before backward(delta)"),
    (lambda the: Flatten().backward(zeros((2, 12))),
     "expected forward(x) before backward(delta)"),
    (lambda the: Linear(3, 4).backward(zeros((2, 4))),
     "expected forward(x) before backward(delta)"),
    (lambda the: BatchNorm(3).backward(zeros((2, 3))),
     "expected forward(x) before backward(delta)"),
    (lambda the: Sigmoid().derivative(), "expected forward(x) before derivative() and backward(delta)"),
    (lambda the: Tanh().derivative(), "expected forward(x) before derivative() and backward(delta)"),
    (lambda the: ReLU().derivative(), "expected forward(x) before derivative() and backward(delta)"),
    (lambda the: Identity().backward(zeros(3)), "expected forward(x) before derivative() and backward(delta)"),
    (lambda the: SoftmaxCrossEntropy().derivative(),
     "expected forward(x, y) before derivative()"),
    (lambda the: CNN_SimpleScanningMLP().backward(zeros((1, 124))),
     "expected forward(x) before backward(delta)"),
    (lambda the: figure_4_cnn().backward(zeros((2, 10))),
     "expected forward(x) before backward(labels)"),
]

# What is no number at all gets an error of NumPy's or Python's own.
NOT_NUMBERS = [
    lambda the: the.conv([[["a"] * 11] * 3] * 2), lambda the: the.conv(None),
    lambda the: the.linear([["a", "b", "c"]]), lambda the: the.relu("a"),
    lambda the: the.tanh([None]), lambda the: the.norm([["a", "b", "c"]]),
    lambda the: the.criterion([["a"]], [["a"]]), lambda the: the.simple.init_weights(3),
    lambda the: MLP(3), lambda the: Conv1D(3, 4, 5, 2, "normal"),
]


def state(thing):
    """All that a layer or network holds, to compare before and after."""
    if isinstance(thing, np.ndarray):
        return thing.dtype.str, thing.shape, thing.tobytes()
    if isinstance(thing, (list, tuple)):
        return [state(item) for item in thing]
    if hasattr(thing, "__dict__"):
        return {name: state(value) for name, value in vars(thing).items()}
    return thing


@pytest.mark.parametrize("call, message", BAD, ids=[message for _, message in BAD])
def test_bad_input(call, message):
    the = used()
    before = state(the)
    with pytest.raises(ValueError) as caught:
        call(the)
    assert str(caught.value) == message
    assert state(the) == before


def test_what_is_no_number():
    for call in NOT_NUMBERS:
        the = used()
        before = state(the)
        with pytest.raises((TypeError, ValueError)):
            call(the)
        assert state(the) == before


def test_backward_right_after_bad_calls():
    rng = np.random.RandomState(0)
    conv, same = Conv1D(3, 4, 5, 2), Conv1D(3, 4, 5, 2)
    same.W = conv.W
    x, delta = rng.normal(size=(2, 3, 11)), rng.normal(size=(2, 4, 4))
    np.testing.assert_array_equal(conv(x), same(x))
    for bad in zeros((2, 4, 11)), zeros((2, 3)), zeros((2, 3, 2)):
        with pytest.raises(ValueError):
            conv(bad)
    np.testing.assert_array_equal(conv.backward(delta), same.backward(delta))
    np.testing.assert_array_equal(conv.dW, same.dW)


@pytest.mark.filterwarnings("error")
def test_what_torch_and_numpy_accept_works():
    conv = Conv1D(np.int64(3), np.int32(4), np.int8(5), np.uint8(2))
    assert conv(zeros((2, 3, 300))).shape == (2, 4, 148)
    assert conv.backward(zeros((2, 4, 148))).shape == (2, 3, 300)
    for kernel in 1, 5:
        conv = Conv1D(3, 4, kernel, 1)
        assert conv(zeros((0, 3, 11))).shape == (0, 4, 12 - kernel)
        assert conv.backward(zeros((0, 4, 12 - kernel))).shape == (0, 3, 11)
        assert conv.dW.shape == conv.W.shape and not conv.dW.any() and not conv.db.any()
    linear = Linear(3, 2)
    assert linear(zeros((0, 3))).shape == (0, 2)
    assert linear.backward(zeros((0, 2))).shape == (0, 3) and not linear.dW.any()
    assert BatchNorm(3)(zeros((0, 3)), eval=True).shape == (0, 3)
    network = cnn()
    assert network(zeros((0, 3, 20))).shape == (0, 6)
    assert network.backward(zeros((0, 6))).shape == (0, 3, 20)
    W = network.linear_layer.W.copy()
    network.step()
    np.testing.assert_array_equal(network.linear_layer.W, W)
