"""Each layer against torch: outputs and gradients differ by rounding only."""
import pickle
from copy import deepcopy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from activation import Activation, Identity, ReLU, Sigmoid, Tanh
from batchnorm import BatchNorm
from conv import Conv1D, Flatten
from linear import Linear
from loss import Criterion, SoftmaxCrossEntropy
from torch_twin import run_ours, run_torch, twin

torch.set_num_threads(1)  # the arrays are small
pytestmark = pytest.mark.filterwarnings("error")
functional = torch.nn.functional
equal = np.testing.assert_array_equal
close = np.testing.assert_allclose

SHAPES = [(1, 1, 1, 1, 1, 1), (4, 15, 300, 15, 10, 1), (2, 15, 300, 2, 10, 10),
          (2, 3, 9, 2, 1, 100), (1, 1, 70001, 3, 9, 1), (3, 2, 5000, 4, 80, 4),
          (700, 3, 31, 4, 5, 2), (1, 2, 900, 3, 800, 7), (3, 3, 80000, 2, 5, 1),
          (5, 8, 4000, 3, 16, 1)]  # batch, in, width, out, kernel, stride


def weighted(delta):
    """Return the loss whose derivative is delta."""
    return lambda y: (y * torch.tensor(delta)).sum()


def check_rounding(layer, x, delta, counts):
    """Check the sums of a layer against torch's, and that the arguments stay as they were.

    In any order, a sum of n terms differs from the exact one by n * eps * sum |terms| at most; the
    same layer with absolute weights, on absolute inputs, gives the sums of |terms|.
    """
    arguments = [x, delta, layer.W, layer.b]
    before = [a.copy() for a in arguments]
    got = run_ours(layer, x, delta)
    right = run_torch(twin(layer), x, weighted(delta))
    for array, was in zip(arguments, before):
        equal(array, was)
    layer.W = abs(layer.W)
    layer.b = abs(layer.b)
    terms = run_torch(twin(layer), abs(x), weighted(abs(delta)))
    for a, b, count, term in zip(got, right, counts, terms):
        assert a.dtype == b.dtype == x.dtype
        assert a.size == b.size
        error = abs(a.reshape(b.shape) - b)
        assert (error <= count * np.finfo(x.dtype).eps * term).all()


@pytest.fixture(params=[np.float64, np.float32])
def normal(request):
    rng = np.random.RandomState(0)
    return lambda *shape: rng.normal(size=shape).astype(request.param)


def random_shape(rng):
    batch, channel, out, kernel, stride = map(int, rng.randint(1, [5, 9, 9, 13, 13]))
    width = kernel + rng.choice([0, rng.randint(40)])
    return batch, channel, width, out, kernel, stride


def test_conv(normal):
    rng = np.random.RandomState(0)
    shapes = SHAPES + [random_shape(rng) for _ in range(500)]
    for batch, channel, width, out, kernel, stride in shapes:
        layer = Conv1D(channel, out, kernel, stride, normal, normal)
        positions = (width - kernel) // stride + 1
        x = normal(batch, channel, width)
        delta = normal(batch, out, positions)
        summed = batch * positions
        check_rounding(layer, x, delta, [channel * kernel + 1, out * kernel, summed, summed])


def test_linear(normal):
    rng = np.random.RandomState(0)
    biases = [normal, lambda m: normal(1, m)]
    for i in range(100):
        batch, n, m = rng.randint(1, 30, size=3)
        layer = Linear(n, m, normal, biases[i % 2])
        x = normal(batch, n)
        delta = normal(batch, m)
        averaged = batch + 2
        check_rounding(layer, x, delta, [n + 1, m, averaged, averaged])


@pytest.mark.parametrize("place", ["x", "W", "delta"])
def test_conv_of_what_is_not_finite(place):
    rng = np.random.RandomState(0)
    for _ in range(300):
        batch, channel, out, kernel, stride = map(int, rng.randint(1, [4, 4, 4, 6, 6]))
        layer = Conv1D(channel, out, kernel, stride)
        x = rng.normal(size=(batch, channel, kernel + rng.randint(12)))
        delta = rng.normal(size=layer(x).shape)
        array = {"x": x, "W": layer.W, "delta": delta}[place]
        array[tuple(rng.randint(array.shape))] = rng.choice([np.nan, np.inf, -np.inf])
        with np.errstate(invalid="ignore"):
            got = run_ours(layer, x, delta)
        for a, b in zip(got, run_torch(twin(layer), x, weighted(delta))):
            close(a, b, atol=1e-12)


@pytest.mark.parametrize("kind", [Identity, Sigmoid, Tanh, ReLU])
def test_activation(kind):
    rng = np.random.RandomState(0)
    layer = kind()
    assert isinstance(layer, Activation)
    assert layer.state is None
    for i in range(100):
        shape = rng.randint(1, 9, size=i % 4)
        scale = 10.0 ** rng.randint(-3, 5)
        x = np.array(rng.normal(size=shape) * scale)
        x.flat[0] *= i % 3
        delta = np.array(rng.normal(size=shape))
        y, dx = run_ours(layer, x, delta)
        right_y, right_dx = run_torch(twin(layer), x, weighted(delta))
        assert type(y) is type(dx) is np.ndarray
        close(y, right_y, rtol=1e-14, atol=1e-300)
        close(dx, right_dx, rtol=1e-10, atol=1e-15)
        equal(layer.state, y)
        equal(dx, delta * layer.derivative())


def test_sigmoid_far_out():
    y = Sigmoid()([-1e308, -700.0, 0.0, 40.0, 1e308])
    close(y, [0, np.exp(-700.0), 0.5, 1, 1], rtol=1e-15)


def test_relu_of_what_is_not_finite():
    relu = ReLU()
    equal(relu([np.nan, np.inf, -np.inf]), [np.nan, np.inf, 0])
    equal(relu.derivative(), [0, 1, 0])


def test_derivative_at_another_state():
    tanh = Tanh()
    first = tanh([0.5, 1.0])
    second = tanh([2.0, 3.0])
    equal(tanh.derivative(), 1 - second ** 2)
    equal(tanh.derivative(state=torch.tensor(first)), 1 - first ** 2)


def test_identity_of_a_number():
    assert Identity()(3) == 3
    assert Identity().derivative() == 1.0


def test_a_shared_activation_returns_its_own_output():
    """As two threads share one: what the other writes to `state` is not returned."""
    class Shared(Tanh):
        state = property(lambda self: np.array([0.25]), lambda self, value: None)

    equal(Shared()([0.5]), np.tanh([0.5]))


def test_base_classes_say_what_they_are():
    activation = Activation()
    criterion = Criterion()
    with pytest.raises(NotImplementedError, match="Activation is a base class"):
        activation([0.5])
    assert activation.state is None
    with pytest.raises(NotImplementedError, match="Activation is a base class"):
        activation.derivative(state=[0.5])
    with pytest.raises(NotImplementedError, match="Criterion is a base class"):
        criterion([[0.5]], [[1]])
    with pytest.raises(NotImplementedError, match="Criterion is a base class"):
        criterion.derivative()


def test_underflow_is_no_error():
    """0 stands for numbers that are too small, also for users who let NumPy raise."""
    x = np.array([[-1e4, -740.0, -710.0, 0.0, 40.0, 1e4]])
    criterion = SoftmaxCrossEntropy()
    sigmoid = Sigmoid()
    with np.errstate(all="raise"):
        close(sigmoid(x), [[0, 0, 0, 0.5, 1, 1]], atol=1e-15)
        close(sigmoid.backward(np.full(x.shape, 1e-10)), [[0, 0, 0, 2.5e-11, 0, 0]], atol=1e-15)
        close(criterion(x, [[0, 0, 0, 0, 1e-320, 1]]), [0], atol=1e-15)
        close(criterion([[0.0, -1e-300]], [[1e-300, 1]]), [np.log(2)])
        close(criterion(x, [[0, 0, 0, 1, 0, 0]]), [1e4])
        close(criterion.derivative(), [[0, 0, 0, -1, 0, 1]], atol=1e-15)


def test_batchnorm():
    rng = np.random.RandomState(0)
    for _ in range(50):
        batch = rng.randint(2, 30)
        n = rng.randint(1, 9)
        check_batchnorm(rng, batch, BatchNorm(n, alpha=rng.rand()))
    constant_features = [[0.1, 1e8]] * 5
    assert np.isfinite(BatchNorm(2)(constant_features)).all()


def check_batchnorm(rng, batch, layer):
    """Check two passes in training and one in evaluation against torch's."""
    n = layer.in_feature
    layer.gamma = rng.normal(size=(1, n))
    layer.beta = rng.normal(size=(1, n))
    module = twin(layer)
    mean = np.zeros((1, n))
    var = np.ones((1, n))
    for training in True, True, False:
        x = 3 + 2 * rng.normal(size=(batch, n))
        delta = rng.normal(size=(batch, n))
        if training:
            mean = layer.alpha * mean + (1 - layer.alpha) * x.mean(0)
            var = layer.alpha * var + (1 - layer.alpha) * x.var(0)  # torch's is unbiased
            last = x
        else:
            module.eval()[0].running_var.data = torch.tensor(var[0])
            layer.forward = lambda x: BatchNorm.forward(layer, x, eval=True)
        results = run_torch(module, x, weighted(delta))
        for got, right in zip(run_ours(layer, x, delta), results):
            close(got, right.reshape(got.shape), rtol=1e-7, atol=1e-9)
    close(layer.running_mean, mean, rtol=1e-13)
    close(layer.running_var, var, rtol=1e-13)
    close(layer.mean[0], last.mean(0), rtol=1e-13)
    close(layer.var[0], last.var(0), rtol=1e-13)


def test_softmax_cross_entropy():
    rng = np.random.RandomState(0)
    criterion = SoftmaxCrossEntropy()
    assert isinstance(criterion, Criterion)
    assert criterion.logits is criterion.labels is criterion.loss is None
    for i in range(100):
        batch, classes = rng.randint(1, 20, size=2)
        x = rng.normal(size=(batch, classes)) * 10.0 ** rng.randint(-3, 5)
        y = rng.dirichlet(np.ones(classes), batch)
        if i % 2 == 0:
            y = np.eye(classes)[rng.randint(classes, size=batch)]
        leaf = torch.tensor(x, requires_grad=True)
        right = functional.cross_entropy(leaf, torch.tensor(y), reduction="none")
        right.sum().backward()
        loss = criterion(x, y)
        bound = 1e-14 * (abs(x).max(axis=1) + 1)
        assert (abs(loss - right.detach().numpy()) <= bound).all()
        assert (abs(criterion.derivative() - leaf.grad.numpy()) <= bound[:, None]).all()
        equal(criterion.logits, x)
        equal(criterion.labels, y)
        equal(criterion.loss, loss)


def test_softmax_cross_entropy_of_large_logits():
    criterion = SoftmaxCrossEntropy()
    logits = [[1e4, -1e4], [-1e4, 1e4], [1e308, 1e308]]
    equal(criterion(logits, [[1, 0], [1, 0], [0.5, 0.5]]), [0, 2e4, np.log(2)])
    equal(criterion.derivative(), [[0, 0], [-1, 1], [0, 0]])


def test_softmax_cross_entropy_of_what_is_not_finite():
    x = np.array([[np.inf, 0], [-np.inf, 0], [np.nan, 0], [0, 1]])
    y = np.tile([1.0, 0], (4, 1))
    with np.errstate(invalid="ignore"):
        got = SoftmaxCrossEntropy()(x, y)
    right = functional.cross_entropy(torch.tensor(x), torch.tensor(y), reduction="none")
    close(got, right.numpy())


def as_int8(array):
    return array.astype("i1")


@pytest.mark.parametrize("convert", [np.ndarray.tolist, torch.tensor, as_int8])
def test_softmax_cross_entropy_takes_what_numpy_takes_for_an_array(convert):
    criterion = SoftmaxCrossEntropy()
    logits = np.array([[-100, 100, 0]])
    labels = np.eye(3)[:1]
    close(criterion(convert(logits), convert(labels)), [200], rtol=1e-6)
    close(criterion.derivative(), [[-1, 1, 0]], atol=1e-6)
    assert type(criterion.logits) is type(criterion.labels) is np.ndarray


def hundreds(*shape):
    return np.full(shape, 100, "i1")


def every_second(array):
    return np.repeat(array, 2, axis=-1)[..., ::2]


def backwards(array):
    return array[::-1].copy()[::-1]


def as_int(array):
    return array.astype(int)


def as_bool(array):
    return array.astype(bool)


CONVERSIONS = [np.ndarray.tolist, torch.tensor, np.asfortranarray, as_int, as_int8, as_bool,
               every_second, backwards]


def layers_and_shapes():
    """Yield layers, each with the shape of an input."""
    yield Conv1D(3, 4, 3, 2), (2, 3, 10)
    yield Conv1D(3, 4, 3, 2, hundreds), (2, 3, 10)
    yield Linear(3, 2), (4, 3)
    yield Linear(3, 2, hundreds), (4, 3)
    yield Flatten(), (2, 3, 4)
    yield BatchNorm(3), (4, 3)
    yield Identity(), (2, 3)
    yield Sigmoid(), (2, 3)
    yield Tanh(), (2, 3)
    yield ReLU(), (2, 3)


@pytest.mark.parametrize("layer, shape", list(layers_and_shapes()))
def test_arrays_are_what_numpy_takes_for_one(layer, shape):
    """Whatever comes in, ndarrays come out and are kept, with the numbers of a float array."""
    rng = np.random.RandomState(0)
    x = rng.randint(2, size=shape).astype(float)
    delta = rng.randint(2, size=layer(x).shape).astype(float)
    right = run_ours(layer, x, delta)
    for convert in CONVERSIONS:
        for got, expected in zip(run_ours(layer, convert(x), convert(delta)), right):
            assert type(got) is np.ndarray
            close(got, expected, rtol=1e-6, atol=1e-6)
        assert type(getattr(layer, "state", got)) is np.ndarray
    with pytest.raises(RuntimeError, match="requires grad"):
        layer(torch.ones(shape, requires_grad=True))


def test_conv_results_are_the_callers_to_change():
    rng = np.random.RandomState(0)
    layer = Conv1D(3, 4, 5, 2)
    x = rng.normal(size=(2, 3, 21))
    delta = rng.normal(size=(2, 4, 9))
    right = deepcopy(run_ours(layer, x, delta))
    for changed in run_ours(layer, x, delta):
        changed[...] = 7
    equal(layer.backward(delta), right[1])
    equal(layer.dW, right[2])
    equal(layer.db, right[3])


def held(layer):
    """Return the arrays that a layer refers to, by name."""
    return {name: a for name, a in vars(layer).items() if isinstance(a, np.ndarray)}


def test_layers_keep_what_they_are_given():
    """And nothing larger: a pass leaves x, not its windows; an activation keeps its output."""
    x = np.random.RandomState(0).normal(size=(2, 3, 50))
    layer = Conv1D(3, 4, 20, 1)
    y = layer(x)
    layer.backward(y)
    assert set(held(layer)) == {"W", "b", "dW", "db", "x"}
    assert layer.x is x
    size = sum(a.nbytes for a in held(layer).values())
    assert len(pickle.dumps(layer)) < size + 2000
    for array in held(layer).values():
        owner = array if array.base is None else array.base
        assert owner.nbytes == array.nbytes

    linear = Linear(3, 2)
    x = np.ones((4, 3))
    y = linear(x)
    linear.backward(y)
    assert linear.x is x
    assert set(held(linear)) == {"W", "b", "dW", "db", "momentum_W", "momentum_b", "x"}

    relu = ReLU()
    assert relu(x) is relu.state
    assert set(held(relu)) == {"state"}


def test_the_next_call_uses_the_weights_that_are_assigned():
    check_assigned(Conv1D(3, 4, 2, 1), (2, 3, 9))
    check_assigned(Linear(3, 4), (1, 3))


def check_assigned(layer, shape):
    """Check that a layer uses weights that are assigned to it, as an array, list or tensor."""
    rng = np.random.RandomState(0)
    x = rng.normal(size=shape)
    delta = layer(x)
    W = rng.normal(size=layer.W.shape)
    b = rng.normal(size=4)
    layer.W = W
    layer.b = b
    right = run_ours(layer, x, delta)
    for convert in np.ndarray.tolist, torch.tensor:
        layer.W = convert(W)
        layer.b = convert(b)
        close(layer(x), right[0], rtol=1e-12)
        close(layer.backward(delta), right[1], rtol=1e-12)


def test_the_next_call_uses_what_is_assigned():
    norm = BatchNorm(2)
    norm.gamma = [[2.0, 3.0]]
    norm.beta = torch.ones(1, 2)
    norm.running_mean = [[1.0, 1.0]]
    norm.running_var = [[4.0, 1.0]]
    close(norm([[3.0, 2.0]], eval=True), [[3, 4]], rtol=1e-7)
    norm([[3.0, 2.0], [1.0, 0.0]])
    close(norm.running_mean, [[1.1, 1]])
    close(norm.running_var, [[3.7, 1]])
    close(norm.backward([[1, 1], [1, 1]]), np.zeros((2, 2)), atol=1e-12)

    tanh = Tanh()
    tanh.state = [0.5]
    equal(tanh.derivative(), [0.75])

    criterion = SoftmaxCrossEntropy()
    criterion.logits = [[0.0, 0.0]]
    criterion.labels = [[0, 1]]
    equal(criterion.derivative(), [[0.5, -0.5]])


def test_default_weights_come_from_the_global_generator():
    np.random.seed(3)
    conv = Conv1D(4, 5, 6, 2)
    linear = Linear(3, 5)
    np.random.seed(3)
    equal(conv.W, np.random.normal(size=(5, 4, 6)))
    equal(linear.W, np.random.normal(size=(3, 5)))
    equal(conv.b, np.zeros(5))
    equal(linear.b, np.zeros(5))


@pytest.mark.parametrize("dtype", [float, np.float32, int, np.int8])
def test_gradients_before_the_first_backward(dtype):
    """They are zeros, in the type that backward gives them: floats also where W is integers."""
    floats = np.result_type(dtype, np.float32)

    def ones(*shape):
        return np.ones(shape, dtype)

    conv = Conv1D(4, 5, 6, 2, ones)
    linear = Linear(3, 5, ones)
    assert conv.W.dtype == linear.W.dtype == dtype
    assert conv.dW.dtype == conv.db.dtype == floats
    assert linear.dW.dtype == linear.db.dtype == floats
    assert linear.momentum_W.dtype == linear.momentum_b.dtype == floats
    equal(conv.dW, np.zeros((5, 4, 6)))
    equal(linear.dW, np.zeros((3, 5)))
    equal(linear.momentum_W, np.zeros((3, 5)))
    for array in conv.db, linear.db, linear.momentum_b:
        equal(array, np.zeros(5))
    conv.backward(conv(np.ones((2, 4, 9), floats)))
    linear.backward(linear(np.ones((2, 3), floats)))
    assert conv.dW.dtype == conv.db.dtype == floats
    assert linear.dW.dtype == linear.db.dtype == floats


def test_a_new_batchnorm():
    norm = BatchNorm(3)
    for name in "gamma", "var", "running_var":
        equal(getattr(norm, name), np.ones((1, 3)))
    for name in "beta", "dgamma", "dbeta", "mean", "running_mean":
        equal(getattr(norm, name), np.zeros((1, 3)))
    assert norm.eps == 1e-8
    assert norm.alpha == 0.9


def float32(*shape):
    return np.random.normal(size=shape).astype("f4")


@pytest.mark.parametrize("labels_dtype", ["f4", "f8", "i8"])
def test_float32_stays_float32(labels_dtype):
    x = np.random.RandomState(0).normal(size=(2, 3, 20)).astype("f4")
    conv = Conv1D(3, 4, 5, 2, float32)
    linear = Linear(32, 3, float32)
    layers = [conv, Tanh(), ReLU(), Flatten(), BatchNorm(32), linear, Sigmoid(), Identity()]
    y = x
    arrays = []
    for layer in layers:
        y = layer(y)
        arrays.append(y)
    criterion = SoftmaxCrossEntropy()
    arrays.append(criterion(y, np.eye(3, dtype=labels_dtype)[:2]))
    delta = criterion.derivative()
    for layer in reversed(layers):
        arrays.append(delta)
        delta = layer.backward(delta)
    arrays += [delta, conv.dW, conv.db, linear.dW, linear.db]
    assert {a.dtype for a in arrays} == {x.dtype}


def test_print():
    assert str(Conv1D(3, 8, 5, 2)) == "Conv1D(3, 8, kernel_size=5, stride=2)"
    assert str(Linear(420, 10)) == "Linear(420, 10)"
    assert str(BatchNorm(3)) == "BatchNorm(3, alpha=0.9)"
    assert str(Flatten()) == "Flatten()"
    assert str(Tanh()) == "Tanh()"
    assert str(SoftmaxCrossEntropy()) == "SoftmaxCrossEntropy()"
