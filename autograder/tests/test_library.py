"""Each layer against torch: outputs and gradients differ by rounding only."""
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from activation import Activation, Identity, ReLU, Sigmoid, Tanh
from batchnorm import BatchNorm
from conv import Conv1D, Flatten
from linear import Linear
from loss import Criterion, SoftmaxCrossEntropy
from torch_twin import run_ours, run_torch, twin

pytestmark = pytest.mark.filterwarnings("error")
functional = torch.nn.functional
equal, close = np.testing.assert_array_equal, np.testing.assert_allclose

SHAPES = [(1, 1, 1, 1, 1, 1), (4, 15, 300, 15, 10, 1), (2, 15, 300, 2, 10, 10),
          (2, 3, 9, 2, 1, 100), (1, 1, 70001, 3, 9, 1), (3, 2, 5000, 4, 80, 4),
          (700, 3, 31, 4, 5, 2), (1, 2, 900, 3, 800, 7)]  # batch, in, width, out, kernel, stride


def weighted(delta):
    """Return the loss whose derivative is delta."""
    return lambda y: (y * torch.tensor(delta)).sum()


def check_rounding(layer, x, delta, counts):
    """Check the sums of a layer against torch's, and that the arguments stay as they were.

    In any order, a sum of n terms differs from the exact one by n * eps * sum |terms| at most; the
    same layer with absolute weights, on absolute inputs, gives the sums of |terms|.
    """
    arguments = x, delta, layer.W, layer.b
    before = [a.copy() for a in arguments]
    got, right = run_ours(layer, x, delta), run_torch(twin(layer), x, weighted(delta))
    for array, was in zip(arguments, before):
        equal(array, was)
    layer.W, layer.b = abs(layer.W), abs(layer.b)
    terms = run_torch(twin(layer), abs(x), weighted(abs(delta)))
    for a, b, count, term in zip(got, right, counts, terms):
        assert a.dtype == b.dtype == x.dtype and a.size == b.size
        assert (abs(a.reshape(b.shape) - b) <= count * np.finfo(x.dtype).eps * term).all()


@pytest.fixture(params=[np.float64, np.float32])
def normal(request):
    rng = np.random.RandomState(0)
    return lambda *shape: rng.normal(size=shape).astype(request.param)


def test_conv(normal):
    rng = np.random.RandomState(0)
    for i in range(2000):
        batch, channel, out, kernel, stride = map(int, rng.randint(1, [5, 9, 9, 13, 13]))
        width = kernel + rng.choice([0, rng.randint(40)])
        if i < len(SHAPES):
            batch, channel, width, out, kernel, stride = SHAPES[i]
        layer = Conv1D(channel, out, kernel, stride, normal, normal)
        positions = (width - kernel) // stride + 1
        check_rounding(layer, normal(batch, channel, width), normal(batch, out, positions), (
            channel * kernel + 1, out * kernel, batch * positions, batch * positions))


def test_linear(normal):
    rng = np.random.RandomState(0)
    for i in range(100):
        batch, n, m = rng.randint(1, 30, size=3)
        layer = Linear(n, m, normal, [normal, lambda m: normal(1, m)][i % 2])
        check_rounding(layer, normal(batch, n), normal(batch, m), (n + 1, m, batch + 2, batch + 2))


@pytest.mark.parametrize("place", ["x", "W", "delta"])
def test_conv_of_what_is_not_finite(place):
    rng = np.random.RandomState(0)
    for _ in range(300):
        batch, channel, out, kernel, stride = map(int, rng.randint(1, [4, 4, 4, 6, 6]))
        layer, x = Conv1D(channel, out, kernel, stride), rng.normal(
            size=(batch, channel, kernel + rng.randint(12)))
        delta = rng.normal(size=layer(x).shape)
        array = {"x": x, "W": layer.W, "delta": delta}[place]
        array[tuple(rng.randint(array.shape))] = rng.choice([np.nan, np.inf, -np.inf])
        with np.errstate(invalid="ignore"):
            got = run_ours(layer, x, delta)
        for a, b in zip(got, run_torch(twin(layer), x, weighted(delta))):
            close(a, b, atol=1e-12)


@pytest.mark.parametrize("kind", [Identity, Sigmoid, Tanh, ReLU])
def test_activation(kind):
    rng, layer = np.random.RandomState(0), kind()
    assert isinstance(layer, Activation) and layer.state is None
    for i in range(100):
        x = np.array(rng.normal(size=rng.randint(1, 9, size=i % 4)) * 10.0 ** rng.randint(-3, 5))
        x.flat[0] *= i % 3
        delta = np.array(rng.normal(size=x.shape))
        (y, dx), (y_, dx_) = run_ours(layer, x, delta), run_torch(twin(layer), x, weighted(delta))
        assert type(y) is type(dx) is np.ndarray
        close(y, y_, rtol=1e-14, atol=1e-300)
        close(dx, dx_, rtol=1e-10, atol=1e-15)
        equal(layer.state, y)
        equal(dx, delta * layer.derivative())


def test_activations_of_other_numbers():
    close(Sigmoid()([-1e308, -700.0, 0.0, 40.0, 1e308]), [0, np.exp(-700.0), 0.5, 1, 1], rtol=1e-15)
    relu, tanh = ReLU(), Tanh()
    equal(relu([np.nan, np.inf, -np.inf]), [np.nan, np.inf, 0])
    equal(relu.derivative(), [0, 1, 0])
    first, second = tanh([0.5, 1.0]), tanh([2.0, 3.0])
    equal(tanh.derivative(), 1 - second ** 2)
    equal(tanh.derivative(state=torch.tensor(first)), 1 - first ** 2)
    assert Identity()(3) == 3 and Identity().derivative() == 1.0


def test_batchnorm():
    rng = np.random.RandomState(0)
    for _ in range(50):
        batch, n, alpha = rng.randint(2, 30), rng.randint(1, 9), rng.rand()
        layer = BatchNorm(n, alpha)
        layer.gamma, layer.beta = rng.normal(size=(2, 1, n))
        module, mean, var = twin(layer), np.zeros((1, n)), np.ones((1, n))
        for training in True, True, False:
            x, delta = 3 + 2 * rng.normal(size=(batch, n)), rng.normal(size=(batch, n))
            if training:
                mean = alpha * mean + (1 - alpha) * x.mean(0)
                var = alpha * var + (1 - alpha) * x.var(0)  # torch averages the unbiased one
                last = x
            else:
                module.eval()[0].running_var.data = torch.tensor(var[0])
                layer.forward = lambda x: BatchNorm.forward(layer, x, eval=True)
            for got, right in zip(run_ours(layer, x, delta), run_torch(module, x, weighted(delta))):
                close(got, right.reshape(got.shape), rtol=1e-7, atol=1e-9)
        close((layer.running_mean, layer.running_var), (mean, var), rtol=1e-13)
        close((layer.mean[0], layer.var[0]), (last.mean(0), last.var(0)), rtol=1e-13)
    assert np.isfinite(BatchNorm(2)([[0.1, 1e8]] * 5)).all()  # constant features


def test_softmax_cross_entropy():
    rng, criterion = np.random.RandomState(0), SoftmaxCrossEntropy()
    assert isinstance(criterion, Criterion)
    assert criterion.logits is criterion.labels is criterion.loss is None
    for i in range(100):
        batch, classes = rng.randint(1, 20, size=2)
        x = rng.normal(size=(batch, classes)) * 10.0 ** rng.randint(-3, 5)
        y = rng.dirichlet(np.ones(classes), batch) if i % 2 else np.eye(classes)[
            rng.randint(classes, size=batch)]
        x_ = torch.tensor(x, requires_grad=True)
        loss = functional.cross_entropy(x_, torch.tensor(y), reduction="none")
        dx, = torch.autograd.grad(loss.sum(), x_)
        scale = abs(x).max(axis=1) + 1
        assert (abs(criterion(x, y) - loss.detach().numpy()) <= 1e-14 * scale).all()
        assert (abs(criterion.derivative() - dx.numpy()) <= 1e-14 * scale[:, None]).all()
        for got, right in zip((criterion.logits, criterion.labels, criterion.loss), (
                x, y, criterion(x, y))):
            equal(got, right)


def test_softmax_cross_entropy_of_other_numbers():
    criterion, log2 = SoftmaxCrossEntropy(), np.log(2)
    equal(criterion([[1e4, -1e4], [-1e4, 1e4], [1e308, 1e308]], [[1, 0], [1, 0], [0.5, 0.5]]),
          [0, 2e4, log2])
    equal(criterion.derivative(), [[0, 0], [-1, 1], [0, 0]])
    x, y = np.array([[np.inf, 0], [-np.inf, 0], [np.nan, 0], [0, 1]]), np.array([[1.0, 0]] * 4)
    with np.errstate(invalid="ignore"):
        got = criterion(x, y)
    close(got, functional.cross_entropy(torch.tensor(x), torch.tensor(y), reduction="none").numpy())
    for convert in np.ndarray.tolist, torch.tensor, lambda a: a.astype("i1"):
        logits, labels = np.array([[-100, 100, 0]]), np.eye(3)[:1]
        close(criterion(convert(logits), convert(labels)), [200], rtol=1e-6)
        close(criterion.derivative(), [[-1, 1, 0]], atol=1e-6)
        assert type(criterion.logits) is type(criterion.labels) is np.ndarray


def hundreds(*shape):
    return np.full(shape, 100, "i1")


@pytest.mark.parametrize("make, shape", [
    (lambda: Conv1D(3, 4, 3, 2), (2, 3, 10)), (lambda: Conv1D(3, 4, 3, 2, hundreds), (2, 3, 10)),
    (lambda: Linear(3, 2), (4, 3)), (lambda: Linear(3, 2, hundreds), (4, 3)), (Flatten, (2, 3, 4)),
    (lambda: BatchNorm(3), (4, 3)), (Identity, (2, 3)), (Sigmoid, (2, 3)), (Tanh, (2, 3)),
    (ReLU, (2, 3))])
def test_arrays_are_what_numpy_takes_for_one(make, shape):
    """Whatever comes in, ndarrays come out and are kept, with the numbers of a float array."""
    rng, layer = np.random.RandomState(0), make()
    x = rng.randint(2, size=shape).astype(float)
    delta = rng.randint(2, size=layer(x).shape).astype(float)
    right = run_ours(layer, x, delta)
    for convert in (np.ndarray.tolist, torch.tensor, np.asfortranarray,
                    lambda a: a.astype(int), lambda a: a.astype("i1"), lambda a: a.astype(bool),
                    lambda a: np.repeat(a, 2, axis=-1)[..., ::2], lambda a: a[::-1].copy()[::-1]):
        for got, expected in zip(run_ours(layer, convert(x), convert(delta)), right):
            assert type(got) is np.ndarray
            close(got, expected, rtol=1e-6, atol=1e-6)
        assert type(getattr(layer, "state", got)) is np.ndarray
    with pytest.raises(RuntimeError, match="requires grad"):
        layer(torch.ones(shape, requires_grad=True))


def test_conv_results_are_the_callers_to_change():
    rng, layer = np.random.RandomState(0), Conv1D(3, 4, 5, 2)
    x, delta = rng.normal(size=(2, 3, 21)), rng.normal(size=(2, 4, 9))
    right = [a.copy() for a in run_ours(layer, x, delta)]
    for changed in *run_ours(layer, x, delta), x:  # forward has copied x
        changed[...] = 7
    for got, expected in zip((layer.backward(delta), layer.dW, layer.db), right[1:]):
        equal(got, expected)


def test_the_next_call_uses_what_is_assigned():
    rng = np.random.RandomState(0)
    for layer, x in (Conv1D(3, 4, 2, 1), rng.normal(size=(2, 3, 9))), (Linear(3, 4), [[1.0, 2, 3]]):
        delta, W, b = layer(x), rng.normal(size=layer.W.shape), rng.normal(size=4)
        layer.W, layer.b = W, b
        right = run_ours(layer, x, delta)
        for convert in np.ndarray.tolist, torch.tensor:
            layer.W, layer.b = convert(W), convert(b)
            close(layer(x), right[0], rtol=1e-12)
            close(layer.backward(delta), right[1], rtol=1e-12)
    norm, tanh, criterion = BatchNorm(2), Tanh(), SoftmaxCrossEntropy()
    norm.gamma, norm.beta = [[2.0, 3.0]], torch.ones(1, 2)
    norm.running_mean, norm.running_var = [[1.0, 1.0]], [[4.0, 1.0]]
    close(norm([[3.0, 2.0]], eval=True), [[3, 4]], rtol=1e-7)
    norm([[3.0, 2.0], [1.0, 0.0]])
    close((norm.running_mean, norm.running_var), [[[1.1, 1]], [[3.7, 1]]])
    close(norm.backward([[1, 1], [1, 1]]), np.zeros((2, 2)), atol=1e-12)
    tanh.state = [0.5]
    equal(tanh.derivative(), [0.75])
    criterion.logits, criterion.labels = [[0.0, 0.0]], [[0, 1]]
    equal(criterion.derivative(), [[0.5, -0.5]])


def test_default_weights_come_from_the_global_generator():
    for make, shape in (lambda: Conv1D(4, 5, 6, 2), (5, 4, 6)), (lambda: Linear(3, 5), (3, 5)):
        np.random.seed(3)
        layer = make()
        np.random.seed(3)
        equal(layer.W, np.random.normal(size=shape))
        equal(layer.b, np.zeros(5))


@pytest.mark.parametrize("dtype", [float, np.float32, int])
def test_gradients_before_the_first_backward(dtype):
    conv, linear = (make(*sizes, lambda *shape: np.ones(shape, dtype)) for make, sizes in (
        (Conv1D, (4, 5, 6, 2)), (Linear, (3, 5))))
    assert conv.W.dtype == linear.W.dtype == dtype
    for shape, arrays in [((5, 4, 6), [conv.dW]), ((3, 5), [linear.dW, linear.momentum_W]),
                          ((5,), [conv.db, linear.db, linear.momentum_b])]:
        for array in arrays:
            equal(array, np.zeros(shape))
            assert array.dtype.kind == "f"
    assert linear.dW.dtype == linear.momentum_W.dtype == np.result_type(dtype, "f4")


def test_a_new_batchnorm():
    for value, names in (1, "gamma var running_var"), (0, "beta dgamma dbeta mean running_mean"):
        for name in names.split():
            equal(getattr(BatchNorm(3), name), np.full((1, 3), value))
    assert (BatchNorm(3).eps, BatchNorm(3).alpha) == (1e-8, 0.9)


def test_float32_stays_float32():
    layers = [Conv1D(3, 4, 5, 2), Tanh(), ReLU(), Flatten(), BatchNorm(32), Linear(32, 3),
              Sigmoid(), Identity()]
    x = np.random.RandomState(0).normal(size=(2, 3, 20)).astype("f4")
    criterion, arrays = SoftmaxCrossEntropy(), [x]
    for layer in layers:
        layer.W = getattr(layer, "W", x).astype("f4")
        arrays.append(layer(arrays[-1]))
    arrays += [criterion(arrays[-1], np.eye(3, dtype="f4")[:2]), criterion.derivative()]
    for layer in reversed(layers):
        arrays.append(layer.backward(arrays[-1]))
    assert {a.dtype for a in arrays} == {x.dtype}
