"""Bad input gets one clear error that names the argument, and leaves the layer as it was."""
import copy

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

NOT_ARRAYS = {
    "list": [[1.0]], "None": None, "number": 3.0, "object": np.array([[None]]),
    "string": np.array([["a"]]), "complex": np.array([[1j]]), "boolean": np.array([[True]]),
}
NOT_SIZES = {"zero": (0, ValueError), "negative": (-1, ValueError), "boolean": (True, TypeError),
             "float": (2.0, TypeError), "string": ("2", TypeError), "None": (None, TypeError)}


def zeros(*shape):
    return np.zeros(shape)


def conv():
    layer = Conv1D(3, 4, 5, 2)
    layer(zeros(2, 3, 11))
    return layer


def flatten():
    layer = Flatten()
    layer(zeros(2, 3, 4))
    return layer


def linear():
    layer = Linear(3, 4)
    layer(zeros(2, 3))
    return layer


def batchnorm():
    layer = BatchNorm(3)
    layer(zeros(2, 3))
    return layer


def criterion():
    criterion = SoftmaxCrossEntropy()
    criterion(zeros(2, 3), zeros(2, 3))
    return criterion


def scanner():
    network = CNN_DistributedScanningMLP()
    network(zeros(1, 24, 128))
    return network


def perceptron():
    network = MLP([4, 3, 2])
    network(zeros(1, 4))
    return network


def cnn(**changes):
    arguments = dict(
        input_width=20, num_input_channels=3, num_channels=[4, 5], kernel_sizes=[3, 2],
        strides=[2, 1], num_linear_neurons=6, activations=[Tanh(), ReLU()],
        conv_weight_init_fn=None, bias_init_fn=None, linear_weight_init_fn=None,
        criterion=SoftmaxCrossEntropy(), lr=0.1)
    arguments.update(changes)
    network = CNN(**arguments)
    network(zeros(2, 3, 20))
    return network


def activated(kind):
    def make():
        layer = kind()
        layer(zeros(2, 3))
        return layer
    return make


# name: (what makes the object, what is done to it, the error, words that it must say)
ROWS = {}


def row(name, make, act, error, *words):
    assert name not in ROWS
    ROWS[name] = make, act, error, words


def assign(attribute, value, act):
    def assigned(layer):
        setattr(layer, attribute, value)
        act(layer)
    return assigned


for what, (value, error) in NOT_SIZES.items():
    for i, argument in enumerate(["in_channel", "out_channel", "kernel_size", "stride"]):
        sizes = [2, 3, 4, 5]
        sizes[i] = value
        row("Conv1D %s %s" % (argument, what), lambda: None,
            lambda _, sizes=sizes: Conv1D(*sizes), error, "Conv1D", argument, repr(value))
    row("Linear in_feature " + what, lambda: None, lambda _, v=value: Linear(v, 2), error,
        "Linear", "in_feature", repr(value))
    row("Linear out_feature " + what, lambda: None, lambda _, v=value: Linear(2, v), error,
        "Linear", "out_feature", repr(value))
    row("BatchNorm in_feature " + what, lambda: None, lambda _, v=value: BatchNorm(v), error,
        "BatchNorm", "in_feature", repr(value))
    row("CNN input_width " + what, lambda: None, lambda _, v=value: cnn(input_width=v), error,
        "input_width", repr(value))
    row("CNN num_input_channels " + what, lambda: None,
        lambda _, v=value: cnn(num_input_channels=v), error, "num_input_channels", repr(value))
    row("CNN num_linear_neurons " + what, lambda: None,
        lambda _, v=value: cnn(num_linear_neurons=v), error, "num_linear_neurons", repr(value))
    row("CNN strides " + what, lambda: None, lambda _, v=value: cnn(strides=[1, v]), error,
        "strides[1]", repr(value))
    row("MLP layer_sizes " + what, lambda: None, lambda _, v=value: MLP([3, v]), error,
        "layer_sizes[1]", repr(value))

for what, value in NOT_ARRAYS.items():
    for name, make in (("Conv1D", conv), ("Flatten", flatten), ("Linear", linear),
                       ("BatchNorm", batchnorm), ("Sigmoid", activated(Sigmoid)),
                       ("ReLU", activated(ReLU)), ("CNN", cnn),
                       ("CNN_DistributedScanningMLP", scanner)):
        row("%s x %s" % (name, what), make, lambda layer, v=value: layer(v), TypeError, "x", "got")
    for name, make in (("Conv1D", conv), ("Flatten", flatten), ("Linear", linear),
                       ("BatchNorm", batchnorm), ("Tanh", activated(Tanh)),
                       ("Identity", activated(Identity))):
        row("%s delta %s" % (name, what), make, lambda layer, v=value: layer.backward(v),
            TypeError, name, "delta", "got")
    row("SoftmaxCrossEntropy x " + what, criterion, lambda c, v=value: c(v, zeros(2, 3)),
        TypeError, "SoftmaxCrossEntropy", "logits x", "got")
    row("SoftmaxCrossEntropy y " + what, criterion, lambda c, v=value: c(zeros(2, 3), v),
        TypeError, "SoftmaxCrossEntropy", "labels y", "got")
    row("Conv1D W " + what, conv, assign("W", value, lambda c: c(zeros(2, 3, 11))), TypeError,
        "Conv1D", "W", "got")
    row("CNN labels " + what, cnn, lambda network, v=value: network.backward(v), TypeError,
        "labels", "got")
    row("MLP weights " + what, perceptron, lambda m, v=value: m.init_weights([v, zeros(3, 2)]),
        TypeError, "MLP", "weights[0]", "got")
    row("scanner weights " + what, scanner,
        lambda s, v=value: s.init_weights([zeros(192, 8), v, zeros(16, 4)]), TypeError,
        "weights[1]", "got")
row("Tanh derivative(state) list", activated(Tanh), lambda t: t.derivative([0.5]), TypeError,
    "Tanh", "state", "list")

shape = "shape (batch, 3, width), got "
row("Conv1D x rank 2", conv, lambda c: c(zeros(3, 11)), ValueError, "x", shape + "(3, 11)")
row("Conv1D x rank 4", conv, lambda c: c(zeros(1, 2, 3, 11)), ValueError, shape)
row("Conv1D x rank 0", conv, lambda c: c(np.array(1.0)), ValueError, shape + "()")
row("Conv1D x channels", conv, lambda c: c(zeros(2, 4, 11)), ValueError, shape + "(2, 4, 11)")
row("Conv1D x narrow", conv, lambda c: c(zeros(2, 3, 4)), ValueError, "x", "kernel", "5", "4")
row("Conv1D x of width 0", conv, lambda c: c(zeros(2, 3, 0)), ValueError, "x", "kernel")
row("Conv1D W shape", conv, assign("W", zeros(4, 3), lambda c: c(zeros(2, 3, 11))), ValueError,
    "W", "(4, 3, 5)", "(4, 3)")
row("Conv1D W swapped", conv, assign("W", zeros(3, 4, 5), lambda c: c(zeros(2, 3, 11))),
    ValueError, "W", "(4, 3, 5)", "(3, 4, 5)")
row("Conv1D W before backward", conv,
    assign("W", zeros(4, 3, 1), lambda c: c.backward(zeros(2, 4, 4))), ValueError, "W")
row("Conv1D b shape", conv, assign("b", zeros(4, 1), lambda c: c(zeros(2, 3, 11))), ValueError,
    "b", "(4,)", "(4, 1)")
row("Conv1D delta width", conv, lambda c: c.backward(zeros(2, 4, 5)), ValueError, "delta",
    "(2, 4, 4)", "(2, 4, 5)")
row("Conv1D delta batch", conv, lambda c: c.backward(zeros(1, 4, 4)), ValueError, "delta")
row("Conv1D delta channels", conv, lambda c: c.backward(zeros(2, 1, 4)), ValueError, "delta")
row("Conv1D delta rank", conv, lambda c: c.backward(zeros(8, 4)), ValueError, "delta")
row("Conv1D backward first", lambda: Conv1D(3, 4, 5, 2), lambda c: c.backward(zeros(2, 4, 4)),
    ValueError, "Conv1D", "forward", "backward")
row("Conv1D weight_init_fn shape", lambda: None,
    lambda _: Conv1D(3, 4, 5, 2, lambda *s: zeros(3, 4, 5)), ValueError, "W", "(4, 3, 5)")
row("Conv1D weight_init_fn list", lambda: None, lambda _: Conv1D(3, 4, 5, 2, lambda *s: [1.0]),
    TypeError, "W", "list")
row("Conv1D bias_init_fn shape", lambda: None,
    lambda _: Conv1D(3, 4, 5, 2, None, lambda n: zeros(1, n)), ValueError, "b", "(4,)", "(1, 4)")
row("Conv1D weight_init_fn array", lambda: None, lambda _: Conv1D(3, 4, 5, 2, zeros(4, 3, 5)),
    TypeError, "weight_init_fn", "function")
row("Flatten x rank", flatten, lambda f: f(zeros(2, 3)), ValueError, "Flatten", "x", "(2, 3)")
row("Flatten delta shape", flatten, lambda f: f.backward(zeros(2, 11)), ValueError, "Flatten",
    "delta", "(2, 12)", "(2, 11)")
row("Flatten backward first", Flatten, lambda f: f.backward(zeros(2, 12)), ValueError, "Flatten",
    "forward")
row("Linear x rank", linear, lambda f: f(zeros(2, 3, 1)), ValueError, "Linear", "x", "(batch, 3)")
row("Linear x features", linear, lambda f: f(zeros(2, 4)), ValueError, "(batch, 3)", "(2, 4)")
row("Linear W shape", linear, assign("W", zeros(4, 3), lambda f: f(zeros(2, 3))), ValueError,
    "W", "(3, 4)", "(4, 3)")
row("Linear b shape", linear, assign("b", zeros(4, 1), lambda f: f(zeros(2, 3))), ValueError, "b")
row("Linear b scalar", linear, assign("b", np.array(0.0), lambda f: f(zeros(2, 3))), ValueError,
    "b")
row("Linear delta batch", linear, lambda f: f.backward(zeros(1, 4)), ValueError, "delta", "(2, 4)")
row("Linear delta features", linear, lambda f: f.backward(zeros(2, 1)), ValueError, "delta")
row("Linear backward first", lambda: Linear(3, 4), lambda f: f.backward(zeros(2, 4)), ValueError,
    "Linear", "forward")
row("Linear weight_init_fn shape", lambda: None, lambda _: Linear(3, 4, lambda i, o: zeros(o, i)),
    ValueError, "W", "(3, 4)", "(4, 3)")
row("Linear bias_init_fn shape", lambda: None, lambda _: Linear(3, 4, None, lambda n: zeros(n, 1)),
    ValueError, "b", "(4, 1)")
row("Linear bias_init_fn number", lambda: None, lambda _: Linear(3, 4, None, lambda n: 0.0),
    TypeError, "b", "float")
row("Linear bias_init_fn array", lambda: None, lambda _: Linear(3, 4, None, zeros(4)), TypeError,
    "bias_init_fn", "function")
row("BatchNorm x rank", batchnorm, lambda b: b(zeros(2, 3, 4)), ValueError, "BatchNorm", "x")
row("BatchNorm x features", batchnorm, lambda b: b(zeros(2, 1)), ValueError, "(batch, 3)")
row("BatchNorm empty batch", batchnorm, lambda b: b(zeros(0, 3)), ValueError, "BatchNorm", "x",
    "sample")
row("BatchNorm delta", batchnorm, lambda b: b.backward(zeros(3, 3)), ValueError, "delta", "(2, 3)")
row("BatchNorm gamma", batchnorm, assign("gamma", zeros(3), lambda b: b(zeros(2, 3))), ValueError,
    "gamma", "(1, 3)")
row("BatchNorm beta", batchnorm, assign("beta", [0.0], lambda b: b(zeros(2, 3))), TypeError,
    "beta")
row("BatchNorm alpha high", lambda: None, lambda _: BatchNorm(3, 1.5), ValueError, "alpha", "1.5")
row("BatchNorm alpha nan", lambda: None, lambda _: BatchNorm(3, float("nan")), ValueError, "alpha")
row("BatchNorm alpha string", lambda: None, lambda _: BatchNorm(3, "0.9"), TypeError, "alpha")
row("BatchNorm backward first", lambda: BatchNorm(3), lambda b: b.backward(zeros(2, 3)),
    ValueError, "BatchNorm", "forward")
for kind in Sigmoid, Tanh, ReLU:
    name = kind.__name__
    row(name + " delta shape", activated(kind), lambda a: a.backward(zeros(3, 2)), ValueError,
        name, "delta", "(2, 3)", "(3, 2)")
    row(name + " derivative first", kind, lambda a: a.derivative(), ValueError, name, "forward")
    row(name + " backward first", kind, lambda a: a.backward(zeros(2, 3)), ValueError, name,
        "forward")
row("SoftmaxCrossEntropy x rank", criterion, lambda c: c(zeros(3), zeros(3)), ValueError,
    "logits x", "(batch, classes)", "(3,)")
row("SoftmaxCrossEntropy class indices", criterion, lambda c: c(zeros(2, 3), np.array([0, 1])),
    ValueError, "labels y", "(2, 3)", "(2,)")
row("SoftmaxCrossEntropy y classes", criterion, lambda c: c(zeros(2, 3), zeros(2, 1)), ValueError,
    "labels y", "(2, 3)", "(2, 1)")
row("SoftmaxCrossEntropy no classes", criterion, lambda c: c(zeros(2, 0), zeros(2, 0)),
    ValueError, "class")
row("SoftmaxCrossEntropy derivative first", SoftmaxCrossEntropy, lambda c: c.derivative(),
    ValueError, "SoftmaxCrossEntropy", "forward")
row("MLP one size", lambda: None, lambda _: MLP([3]), ValueError, "layer_sizes", "[3]")
row("MLP sizes a number", lambda: None, lambda _: MLP(3), TypeError, "layer_sizes", "3")
row("MLP number of weights", perceptron, lambda m: m.init_weights([zeros(4, 3)]), ValueError,
    "weights", "2", "1")
row("MLP weights transposed", perceptron, lambda m: m.init_weights([zeros(3, 4), zeros(3, 2)]),
    ValueError, "weights[0]", "(4, 3)", "(3, 4)")
row("MLP weights a number", perceptron, lambda m: m.init_weights(3), TypeError, "weights", "3")
row("MLP x", perceptron, lambda m: m(zeros(1, 5)), ValueError, "x", "(batch, 4)", "(1, 5)")
row("scanner number of weights", scanner, lambda s: s.init_weights([zeros(192, 8)] * 2),
    ValueError, "weights", "3", "2")
row("scanner weights transposed", CNN_SimpleScanningMLP,
    lambda s: s.init_weights([zeros(8, 192), zeros(8, 16), zeros(16, 4)]), ValueError,
    "weights[0]", "(192, 8)", "(8, 192)")
row("scanner weights a number", scanner, lambda s: s.init_weights(3), TypeError, "weights", "3")
row("scanner x channels", scanner, lambda s: s(zeros(1, 23, 128)), ValueError, "x", "24",
    "(1, 23, 128)")
row("scanner x time first", scanner, lambda s: s(zeros(1, 128, 24)), ValueError, "x", "24")
row("scanner x narrow", scanner, lambda s: s(zeros(1, 24, 7)), ValueError, "x", "8", "7")
row("scanner delta", scanner, lambda s: s.backward(zeros(1, 120)), ValueError, "delta", "(1, 124)")
row("scanner backward first", CNN_SimpleScanningMLP, lambda s: s.backward(zeros(1, 124)),
    ValueError, "forward")
row("CNN x width", cnn, lambda n: n(zeros(2, 3, 21)), ValueError, "CNN", "x", "(batch, 3, 20)",
    "(2, 3, 21)")
row("CNN x channels", cnn, lambda n: n(zeros(2, 4, 20)), ValueError, "x", "(batch, 3, 20)")
row("CNN x rank", cnn, lambda n: n(zeros(3, 20)), ValueError, "x", "(batch, 3, 20)", "(3, 20)")
row("CNN labels classes", cnn, lambda n: n.backward(zeros(2, 5)), ValueError, "labels", "(2, 6)")
row("CNN labels batch", cnn, lambda n: n.backward(zeros(1, 6)), ValueError, "labels", "(2, 6)")
row("CNN backward first", figure_4_cnn, lambda n: n.backward(zeros(2, 10)), ValueError, "CNN",
    "forward")
row("CNN lists of two lengths", lambda: None, lambda _: cnn(strides=[2]), ValueError, "strides",
    "2 num_channels", "1 strides")
row("CNN activations missing", lambda: None, lambda _: cnn(activations=[Tanh()]), ValueError,
    "1 activations")
row("CNN sizes not in a list", lambda: None, lambda _: cnn(kernel_sizes=3), TypeError,
    "kernel_sizes", "3")
row("CNN too deep for its input", lambda: None, lambda _: cnn(input_width=4), ValueError,
    "input_width 4", "convolution 2")
row("CNN names the layer", lambda: None, lambda _: cnn(kernel_sizes=[3, 10]), ValueError,
    "convolution 2", "10", "9")
row("CNN activation class", lambda: None, lambda _: cnn(activations=[Tanh, ReLU()]), TypeError,
    "activations[0]")
row("CNN activation string", lambda: None, lambda _: cnn(activations=["relu", ReLU()]), TypeError,
    "activations[0]", "relu")
row("CNN criterion class", lambda: None, lambda _: cnn(criterion=SoftmaxCrossEntropy), TypeError,
    "criterion")
row("CNN lr string", lambda: None, lambda _: cnn(lr="0.1"), TypeError, "lr", "0.1")
row("CNN lr negative", lambda: None, lambda _: cnn(lr=-1.0), ValueError, "lr", "-1.0")
row("CNN lr nan", lambda: None, lambda _: cnn(lr=float("nan")), ValueError, "lr", "nan")
row("CNN init function shape", lambda: None,
    lambda _: cnn(linear_weight_init_fn=lambda i, o: zeros(o, i)), ValueError, "W")


def state(thing):
    """All that a layer or network holds, to compare before and after."""
    if isinstance(thing, np.ndarray):
        return thing.dtype.str, thing.shape, thing.tobytes()
    if isinstance(thing, (list, tuple)):
        return [state(item) for item in thing]
    if hasattr(thing, "__dict__"):
        return {name: state(value) for name, value in vars(thing).items()}
    return thing


@pytest.mark.parametrize("name", ROWS)
def test_bad_input(name):
    make, act, error, words = ROWS[name]
    layer = make()
    before = state(layer)
    with pytest.raises(error) as caught:
        act(layer)
    assert type(caught.value) is error
    for word in words:
        assert word in str(caught.value)
    if "assigned" not in getattr(act, "__qualname__", ""):
        assert state(layer) == before


def test_there_are_enough_rows():
    assert len(ROWS) >= 120


def test_good_arguments_right_after_bad_ones():
    rng = np.random.RandomState(0)
    fresh, tried = conv(), conv()
    tried.W = fresh.W
    x, delta = rng.randn(2, 3, 11), rng.randn(2, 4, 4)
    expected = fresh(x), fresh.backward(delta), fresh.dW
    got = tried(x)
    for bad in zeros(2, 4, 11), zeros(2, 3), zeros(2, 3, 2):
        with pytest.raises(ValueError):
            tried(bad)
    with pytest.raises(ValueError):
        tried.backward(zeros(2, 4, 5))
    for a, b in zip(expected, (got, tried.backward(delta), tried.dW)):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("error")
def test_what_torch_and_numpy_accept_works():
    layer = Conv1D(np.int64(3), np.int32(4), np.int8(5), np.uint8(2))
    assert [type(n) for n in (layer.in_channel, layer.stride)] == [int, int]
    assert layer(np.ones((2, 3, 11), int)).dtype == np.float64
    assert layer(zeros(0, 3, 11)).shape == (0, 4, 4)
    assert layer.backward(zeros(0, 4, 4)).shape == (0, 3, 11)
    assert not layer.dW.any() and not layer.db.any()
    layer = Conv1D(3, 4, 1, 1)
    assert layer(zeros(0, 3, 11)).shape == (0, 4, 11)
    assert layer.backward(zeros(0, 4, 11)).shape == (0, 3, 11)
    assert not layer.dW.any() and not layer.db.any()
    for dtype in "u1", "i1", "i8":
        for kind in Sigmoid, Tanh, ReLU:
            expected = kind()(np.array([0.0, 1.0, 5.0]))
            np.testing.assert_allclose(kind()(np.array([0, 1, 5], dtype)), expected, rtol=1e-6)
    dense = Linear(3, 2)
    assert dense(zeros(0, 3)).shape == (0, 2)
    assert dense.backward(zeros(0, 2)).shape == (0, 3)
    assert not dense.dW.any() and not dense.db.any()
    flat = Flatten()
    assert flat(zeros(0, 3, 4)).shape == (0, 12)
    assert flat.backward(zeros(0, 12)).shape == (0, 3, 4)
    assert SoftmaxCrossEntropy()(zeros(0, 3), zeros(0, 3)).shape == (0,)
    assert BatchNorm(3)(zeros(0, 3), eval=True).shape == (0, 3)
    network = cnn(lr=1)
    assert network(zeros(0, 3, 20)).shape == (0, 6)
    assert network.backward(zeros(0, 6)).shape == (0, 3, 20)
    W = copy.deepcopy(network.linear_layer.W)
    network.step()
    np.testing.assert_array_equal(network.linear_layer.W, W)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_pass_through(value):
    torch = pytest.importorskip("torch")
    x = np.arange(22.0).reshape(1, 2, 11) - 9
    x[0, 1, 4] = value
    layer = Conv1D(2, 3, 3, 2)
    leaf, W, b = (torch.tensor(a, requires_grad=True) for a in (x, layer.W, layer.b))
    y = torch.relu(torch.nn.functional.conv1d(leaf, W, b, 2))
    delta = np.ones(y.shape)
    delta[0, 0, 0] = value
    y.backward(torch.tensor(delta))
    relu = ReLU()
    np.testing.assert_allclose(relu(layer(x)), y.detach().numpy(), atol=1e-12)
    # The order of inf + -inf decides between nan and inf in sums: compare what is finite.
    dx = layer.backward(relu.backward(delta))
    assert np.array_equal(np.isfinite(dx), np.isfinite(leaf.grad.numpy()))
    assert np.array_equal(np.isfinite(layer.dW), np.isfinite(W.grad.numpy()))
