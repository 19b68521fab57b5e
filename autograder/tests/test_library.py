"""The library against torch: every difference is rounding, on random shapes and numbers."""
import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")
functional = torch.nn.functional

from activation import ReLU, Sigmoid, Tanh
from batchnorm import BatchNorm
from conv import Conv1D, Flatten
from linear import Linear
from loss import SoftmaxCrossEntropy

pytestmark = pytest.mark.filterwarnings("error")
torch.set_num_threads(1)


def leaf(array):
    return torch.tensor(np.ascontiguousarray(array), requires_grad=True)


def check_sum(got, expected, terms, count):
    """Any order of summing `count` terms obeys |difference| <= count * eps * sum |terms|."""
    expected = expected.detach().numpy()
    assert got.shape == expected.shape and got.dtype == expected.dtype
    assert (np.abs(got - expected) <= count * np.finfo(got.dtype).eps * terms).all()


def check_conv(batch, in_channel, width, out_channel, kernel, stride, rng, dtype=np.float64):
    x = rng.normal(size=(batch, in_channel, width)).astype(dtype)
    conv = Conv1D(in_channel, out_channel, kernel, stride)
    conv.W = rng.normal(size=conv.W.shape).astype(dtype)
    conv.b = rng.normal(size=out_channel).astype(dtype)
    x_, W_, b_ = leaf(x), leaf(conv.W), leaf(conv.b)
    y_ = functional.conv1d(x_, W_, b_, stride)
    delta = rng.normal(size=y_.shape).astype(dtype)
    y_.backward(torch.tensor(delta))
    before = x.copy(), delta.copy(), conv.W.copy(), conv.b.copy()

    y, dx = conv(x), conv.backward(delta)

    # The same sums over absolute values bound the rounding.
    ax, aW, ab = leaf(abs(x)), leaf(abs(conv.W)), leaf(abs(conv.b))
    ay = functional.conv1d(ax, aW, ab, stride)
    ay.backward(torch.tensor(abs(delta)))
    positions = batch * y.shape[2]
    check_sum(y, y_, ay.detach().numpy(), in_channel * kernel + 1)
    check_sum(dx, x_.grad, ax.grad.numpy(), out_channel * kernel)
    check_sum(conv.dW, W_.grad, aW.grad.numpy(), positions)
    check_sum(conv.db, b_.grad, ab.grad.numpy(), positions)
    for array, was in zip((x, delta, conv.W, conv.b), before):
        np.testing.assert_array_equal(array, was)


def check_conv_on_a_random_shape(rng, dtype=np.float64):
    batch, in_channel, out_channel = rng.randint(1, [5, 9, 9])
    kernel, stride = rng.randint(1, 11, size=2)
    width = kernel + rng.randint(40)
    check_conv(batch, in_channel, width, out_channel, kernel, stride, rng, dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("seed", range(20))
def test_conv_on_random_shapes(seed, dtype):
    rng = np.random.RandomState(seed)
    for _ in range(100):
        check_conv_on_a_random_shape(rng, dtype)


@pytest.mark.parametrize("seed", range(10))
def test_conv_in_small_pieces(seed, monkeypatch):
    rng = np.random.RandomState(seed)
    for _ in range(50):
        monkeypatch.setattr("conv.ROWS", rng.randint(1, 6))
        monkeypatch.setattr("conv.ROOM", rng.randint(1, 1000))
        check_conv_on_a_random_shape(rng)


@pytest.mark.parametrize("shape", [
    (1, 1, 1, 1, 1, 1), (4, 15, 300, 15, 10, 1), (2, 15, 300, 2, 10, 10), (3, 2, 7, 5, 7, 4),
    (2, 24, 128, 56, 5, 1), (2, 4, 9, 3, 2, 5), (1, 1, 70001, 3, 9, 1), (3, 2, 5000, 4, 80, 4),
    (700, 3, 31, 4, 5, 2), (70, 40, 210, 20, 5, 1), (2, 3, 256, 4, 3, 1), (2, 3, 1024, 4, 3, 5),
    (3, 5, 40, 4, 1, 1), (3, 50, 4, 6, 1, 1), (3, 5, 512, 4, 1, 3),
])
def test_conv_on_large_and_odd_shapes(shape):
    check_conv(*shape, rng=np.random.RandomState(0))


@pytest.mark.parametrize("lay_out", [
    np.asfortranarray, lambda a: np.repeat(a, 2, axis=2)[:, :, ::2], lambda a: a[:, :, ::-1],
    lambda a: a.swapaxes(0, 1).copy().swapaxes(0, 1), lambda a: np.broadcast_to(a[:1], a.shape),
])
def test_conv_on_arrays_that_are_not_contiguous(lay_out):
    rng = np.random.RandomState(0)
    x, delta = lay_out(rng.normal(size=(3, 4, 25))), lay_out(rng.normal(size=(3, 5, 12)))
    layer, same = Conv1D(4, 5, 3, 2), Conv1D(4, 5, 3, 2)
    same.W = layer.W
    np.testing.assert_allclose(layer(x), same(np.ascontiguousarray(x)), atol=1e-12)
    np.testing.assert_allclose(layer.backward(delta), same.backward(delta.copy()), atol=1e-12)
    np.testing.assert_allclose(layer.dW, same.dW, atol=1e-12)


@pytest.mark.parametrize("kernel", [1, 3])
def test_conv_on_mixed_dtypes(kernel):
    rng = np.random.RandomState(0)
    x, W, delta = (rng.randint(-9, 10, shape) for shape in [(2, 3, 9), (4, 3, kernel), (2, 4, 9)])
    delta = delta[:, :, kernel - 1:]
    layer = Conv1D(3, 4, kernel, 1)
    layer.W = W.astype(float)
    expected = layer(x.astype(float)), layer.backward(delta.astype(float)), layer.dW, layer.db
    for a, b, c in itertools.product([int, "f4", "f8"], repeat=3):
        layer.W = W.astype(b)
        got = layer(x.astype(a)), layer.backward(delta.astype(c)), layer.dW, layer.db
        for result, right in zip(got, expected):  # small integers: no rounding
            np.testing.assert_array_equal(result, right)
        types = np.result_type(x.astype(a), layer.W, "f4"), np.result_type(got[0], delta.astype(c))
        assert [result.dtype for result in got] == [types[0], types[1], types[1], types[1]]


@pytest.mark.parametrize("kernel, stride", [(2, 5), (5, 3), (3, 3), (4, 6)])
def test_conv_ignores_input_that_no_window_sees(kernel, stride):
    rng = np.random.RandomState(0)
    layer, x = Conv1D(3, 4, kernel, stride), rng.normal(size=(2, 3, 4 * stride + kernel - 1))
    unseen = np.arange(x.shape[2]) % stride >= kernel
    unseen[3 * stride + kernel:] = True
    x[:, :, unseen] = np.nan
    assert np.isfinite(layer(x)).all()
    dx = layer.backward(rng.normal(size=(2, 4, 4)))
    assert np.isfinite(layer.dW).all() and not dx[:, :, unseen].any() and dx[:, :, ~unseen].all()


@pytest.mark.parametrize("place", ["x", "W", "delta"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_conv_passes_on_what_is_not_finite_as_torch_does(place, value):
    rng = np.random.RandomState(0)
    for _ in range(200):
        batch, in_channel, out_channel = rng.randint(1, 4, size=3)
        kernel, stride = map(int, rng.randint(1, 6, size=2))
        x = rng.normal(size=(batch, in_channel, kernel + rng.randint(12)))
        layer = Conv1D(in_channel, out_channel, kernel, stride)
        W = rng.normal(size=layer.W.shape)
        delta = rng.normal(size=(batch, out_channel, (x.shape[2] - kernel) // stride + 1))
        array = {"x": x, "W": W, "delta": delta}[place]
        array[tuple(rng.randint(array.shape))] = value
        layer.W = W
        x_, W_, b_ = leaf(x), leaf(W), leaf(layer.b)
        y_ = functional.conv1d(x_, W_, b_, stride)
        y_.backward(torch.tensor(delta))
        got = layer(x), layer.backward(delta), layer.dW, layer.db
        for result, right in zip(got, (y_.detach(), x_.grad, W_.grad, b_.grad)):
            np.testing.assert_allclose(result, right.numpy(), atol=1e-12)


def test_conv_results_are_the_callers_to_change():
    rng = np.random.RandomState(0)
    layer = Conv1D(3, 4, 5, 2)
    x, delta = rng.normal(size=(2, 3, 21)), rng.normal(size=(2, 4, 9))
    layer(x)
    dx, dW, db = layer.backward(delta), layer.dW.copy(), layer.db.copy()
    expected = dx.copy()
    layer(x)[...] = 7
    layer.backward(delta)[...] = 7
    np.testing.assert_array_equal(layer.backward(delta), expected)
    np.testing.assert_array_equal(layer.dW, dW)
    np.testing.assert_array_equal(layer.db, db)


def test_conv_draws_its_weights_from_the_global_generator():
    np.random.seed(3)
    layer = Conv1D(4, 5, 6, 2)
    np.random.seed(3)
    np.testing.assert_array_equal(layer.W, np.random.normal(size=(5, 4, 6)))
    assert not layer.b.any() and not layer.dW.any() and not layer.db.any()
    assert layer.b.shape == layer.db.shape == (5,) and layer.dW.shape == (5, 4, 6)


@pytest.mark.parametrize("seed", range(100))
def test_linear(seed):
    rng = np.random.RandomState(seed)
    batch, n, m = rng.randint(1, 30, size=3)
    b_shape = [(m,), (1, m)][seed % 2]
    layer = Linear(n, m, lambda *shape: rng.normal(size=shape), lambda _: rng.normal(size=b_shape))
    x, delta = rng.normal(size=(batch, n)), rng.normal(size=(batch, m))
    x_, W_, b_ = leaf(x), leaf(layer.W), leaf(layer.b)
    y_ = x_ @ W_ + b_
    y_.backward(torch.tensor(delta))
    check_sum(layer(x), y_, abs(x) @ abs(layer.W) + abs(layer.b), n + 1)
    check_sum(layer.backward(delta), x_.grad, abs(delta) @ abs(layer.W.T), m)
    check_sum(layer.dW, W_.grad / batch, abs(x.T) @ abs(delta) / batch, batch + 1)
    check_sum(layer.db, b_.grad / batch, abs(delta).sum(0).reshape(b_shape) / batch, batch + 1)


@pytest.mark.parametrize("seed", range(100))
@pytest.mark.parametrize("kind", [Sigmoid, Tanh, ReLU])
def test_activation(kind, seed):
    rng = np.random.RandomState(seed)
    layer, name = kind(), kind.__name__.lower()
    x = rng.normal(size=rng.randint(1, 9, size=3)) * 10.0 ** rng.randint(-3, 5)
    delta = rng.normal(size=x.shape)
    x_ = leaf(x)
    y_ = getattr(torch, name)(x_)
    y_.backward(torch.tensor(delta))
    np.testing.assert_allclose(layer(x), y_.detach().numpy(), rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(layer.backward(delta), x_.grad.numpy(), rtol=1e-10, atol=1e-15)
    np.testing.assert_array_equal(layer.backward(delta), delta * layer.derivative())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_relu_of_what_is_not_finite(dtype):
    numbers = np.array([np.nan, np.inf, -np.inf, -1, 0, 2], dtype)
    x, delta = np.meshgrid(numbers, numbers)
    layer, x_ = ReLU(), leaf(x)
    y_ = torch.relu(x_)
    y_.backward(torch.tensor(delta))
    np.testing.assert_array_equal(layer(x), y_.detach().numpy())
    np.testing.assert_array_equal(layer.backward(delta), x_.grad.numpy())
    x_.grad = None
    torch.relu(x_).sum().backward()
    np.testing.assert_array_equal(layer.derivative(), x_.grad.numpy())
    assert layer.backward(delta).dtype == layer.derivative().dtype == dtype


@pytest.mark.parametrize("seed", range(100))
def test_softmax_cross_entropy(seed):
    rng = np.random.RandomState(seed)
    batch, classes = rng.randint(1, 20, size=2)
    x = rng.normal(size=(batch, classes)) * 10.0 ** rng.randint(-3, 5)
    y = rng.dirichlet(np.ones(classes), batch) if seed % 2 else np.eye(classes)[
        rng.randint(classes, size=batch)]
    criterion, x_ = SoftmaxCrossEntropy(), leaf(x)
    loss_ = functional.cross_entropy(x_, torch.tensor(y), reduction="none")
    loss_.sum().backward()
    scale = np.abs(x).max(axis=1) + 1
    assert (abs(criterion(x, y) - loss_.detach().numpy()) <= 1e-14 * scale).all()
    assert (abs(criterion.derivative() - x_.grad.numpy()) <= 1e-14 * scale[:, None]).all()


def test_softmax_cross_entropy_of_huge_logits():
    criterion, top = SoftmaxCrossEntropy(), np.finfo(float).max
    x = np.array([[1e4, -1e4], [-1e4, 1e4], [0, 0], [top, -top], [-top, -top], [top, top]])
    y = np.array([[1.0, 0], [1, 0], [1, 0], [1, 0], [0.5, 0.5], [0, 1]])
    log2 = np.log(2)
    np.testing.assert_array_equal(criterion(x, y), [0, 2e4, log2, 0, log2, log2])
    np.testing.assert_array_equal(criterion.derivative()[:2], [[0, 0], [-1, 1]])
    assert np.isfinite(criterion(x, 1 - y)).all()
    assert np.isfinite(criterion.derivative()).all()


def test_sigmoid_of_huge_inputs():
    x = np.array([-1e308, -1e4, -700.0, 0.0, 40.0, 1e4, 1e308])
    np.testing.assert_allclose(Sigmoid()(x), [0, 0, np.exp(-700.0), 0.5, 1, 1, 1], rtol=1e-15)


@pytest.mark.parametrize("seed", range(50))
def test_batchnorm(seed):
    rng = np.random.RandomState(seed)
    batch, n, alpha = rng.randint(2, 30), rng.randint(1, 9), rng.rand()
    layer = BatchNorm(n, alpha)
    layer.gamma, layer.beta = rng.normal(size=(1, n)), rng.normal(size=(1, n))
    gamma_, beta_ = leaf(layer.gamma[0]), leaf(layer.beta[0])
    mean, var = np.zeros(n), np.ones(n)
    for _ in range(3):
        x, delta = 3 + 2 * rng.normal(size=(batch, n)), rng.normal(size=(batch, n))
        x_ = leaf(x)
        gamma_.grad = beta_.grad = None
        y_ = functional.batch_norm(x_, None, None, gamma_, beta_, training=True, eps=1e-8)
        y_.backward(torch.tensor(delta))
        np.testing.assert_allclose(layer(x), y_.detach().numpy(), rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(layer.backward(delta), x_.grad.numpy(), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(layer.dgamma[0], gamma_.grad.numpy(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(layer.dbeta[0], beta_.grad.numpy(), rtol=1e-12, atol=1e-12)
        mean = alpha * mean + (1 - alpha) * x.mean(0)
        var = alpha * var + (1 - alpha) * x.var(0)
    np.testing.assert_allclose(layer.running_mean, mean[np.newaxis], rtol=1e-13)
    np.testing.assert_allclose(layer.running_var, var[np.newaxis], rtol=1e-13)
    x_ = leaf(x)
    y_ = functional.batch_norm(x_, torch.tensor(mean), torch.tensor(var), gamma_, beta_, eps=1e-8)
    y_.backward(torch.tensor(delta))
    np.testing.assert_allclose(layer(x, eval=True), y_.detach().numpy(), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(layer.backward(delta), x_.grad.numpy(), rtol=1e-9, atol=1e-11)


def test_batchnorm_of_constant_features():
    layer = BatchNorm(3)
    x = np.array([[0.1, 1e8, -7.0]] * 5)
    np.testing.assert_allclose(layer(x), 0, atol=1e-3)
    assert np.isfinite(layer.backward(np.ones((5, 3)))).all()


def test_flatten():
    x = np.arange(24.0).reshape(2, 3, 4)
    layer = Flatten()
    np.testing.assert_array_equal(layer(x), x.reshape(2, 12))
    np.testing.assert_array_equal(layer.backward(layer(x)), x)


def test_float32_stays_float32():
    rng = np.random.RandomState(0)
    x = rng.normal(size=(2, 3, 20)).astype("f4")
    layers = [Conv1D(3, 4, 5, 2), Tanh(), Conv1D(4, 4, 2, 2), ReLU(), Flatten(), BatchNorm(16),
              Linear(16, 3), Sigmoid()]
    for layer in layers:
        if hasattr(layer, "W"):
            layer.W = layer.W.astype("f4")
    for layer in layers:
        x = layer(x)
        assert x.dtype == np.float32, layer
    criterion = SoftmaxCrossEntropy()
    assert criterion(x, np.eye(3, dtype="f4")[:2]).dtype == np.float32
    delta = criterion.derivative()
    for layer in reversed(layers):
        assert delta.dtype == np.float32, layer
        delta = layer.backward(delta)
        assert getattr(layer, "dW", x).dtype == np.float32, layer
        assert getattr(layer, "db", x).dtype == np.float32, layer
    assert delta.dtype == np.float32
