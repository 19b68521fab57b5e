"""The library against torch: every difference is rounding, on random shapes and numbers."""
import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")
functional = torch.nn.functional

from activation import Identity, ReLU, Sigmoid, Tanh
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


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_conv_on_random_shapes(dtype):
    rng = np.random.RandomState(0)
    for _ in range(2000):
        batch, in_channel, out_channel = map(int, rng.randint(1, [5, 9, 9]))
        kernel, stride = map(int, rng.randint(1, 13, size=2))
        width = kernel + rng.choice([0, rng.randint(40)])
        check_conv(batch, in_channel, width, out_channel, kernel, stride, rng, dtype)


def test_conv_on_large_and_odd_shapes():
    rng = np.random.RandomState(0)
    for shape in [
            (1, 1, 1, 1, 1, 1), (4, 15, 300, 15, 10, 1), (2, 15, 300, 2, 10, 10),
            (3, 2, 7, 5, 7, 4), (2, 24, 128, 56, 5, 1), (2, 4, 9, 3, 2, 5), (2, 3, 9, 2, 1, 100),
            (1, 1, 70001, 3, 9, 1), (3, 2, 5000, 4, 80, 4), (700, 3, 31, 4, 5, 2),
            (70, 40, 210, 20, 5, 1), (2, 3, 1024, 4, 3, 5), (3, 5, 40, 4, 1, 1),
            (3, 50, 4, 6, 1, 1), (3, 5, 512, 4, 1, 3), (1, 2, 900, 3, 800, 7)]:
        check_conv(*shape, rng=rng)


def test_conv_on_arrays_that_are_not_contiguous():
    rng = np.random.RandomState(0)
    layer, same = Conv1D(4, 5, 3, 2), Conv1D(4, 5, 3, 2)
    same.W = layer.W
    for lay_out in [
            np.asfortranarray, lambda a: np.repeat(a, 2, axis=2)[:, :, ::2],
            lambda a: a[:, :, ::-1], lambda a: a.swapaxes(0, 1).copy().swapaxes(0, 1),
            lambda a: np.broadcast_to(a[:1], a.shape)]:
        x, delta = lay_out(rng.normal(size=(3, 4, 25))), lay_out(rng.normal(size=(3, 5, 12)))
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


def test_conv_output_ignores_input_that_no_window_sees():
    rng = np.random.RandomState(0)
    for kernel, stride in (2, 5), (5, 3), (3, 3), (4, 6):
        layer, x = Conv1D(3, 4, kernel, stride), rng.normal(size=(2, 3, 4 * stride + kernel - 1))
        unseen = np.arange(x.shape[2]) % stride >= kernel
        unseen[3 * stride + kernel:] = True
        x[:, :, unseen] = np.nan
        with np.errstate(invalid="ignore"):
            assert np.isfinite(layer(x)).all()
            dx = layer.backward(rng.normal(size=(2, 4, 4)))
        assert not dx[:, :, unseen].any() and dx[:, :, ~unseen].all()


@pytest.mark.parametrize("place", ["x", "W", "delta"])
def test_conv_of_what_is_not_finite(place):
    rng = np.random.RandomState(0)
    for _ in range(300):
        batch, in_channel, out_channel = map(int, rng.randint(1, 4, size=3))
        kernel, stride = map(int, rng.randint(1, 6, size=2))
        x = rng.normal(size=(batch, in_channel, kernel + rng.randint(12)))
        layer = Conv1D(in_channel, out_channel, kernel, stride)
        W = rng.normal(size=layer.W.shape)
        delta = rng.normal(size=(batch, out_channel, (x.shape[2] - kernel) // stride + 1))
        array = {"x": x, "W": W, "delta": delta}[place]
        array[tuple(rng.randint(array.shape))] = rng.choice([np.nan, np.inf, -np.inf])
        layer.W = W
        x_, W_, b_ = leaf(x), leaf(W), leaf(layer.b)
        y_ = functional.conv1d(x_, W_, b_, stride)
        y_.backward(torch.tensor(delta))
        with np.errstate(invalid="ignore"):
            results = layer(x), layer.backward(delta), layer.dW, layer.db
        for got, right in zip(results, (y_.detach(), x_.grad, W_.grad, b_.grad)):
            np.testing.assert_allclose(got, right.numpy(), atol=1e-12)


def test_conv_results_are_the_callers_to_change():
    rng = np.random.RandomState(0)
    for kernel, stride in (5, 2), (1, 1), (2, 3):
        layer = Conv1D(3, 4, kernel, stride)
        x = rng.normal(size=(2, 3, 21))
        delta = rng.normal(size=layer(x).shape)
        dx, dW, db = layer.backward(delta).copy(), layer.dW.copy(), layer.db.copy()
        for changed in layer(x), layer.backward(delta), layer.dW, layer.db:
            changed[...] = 7
        x[...] = 7  # copied by forward
        np.testing.assert_array_equal(layer.backward(delta), dx)
        np.testing.assert_array_equal(layer.dW, dW)
        np.testing.assert_array_equal(layer.db, db)


def test_the_next_call_uses_what_is_assigned():
    rng = np.random.RandomState(0)
    W, b, x = rng.normal(size=(4, 3, 2)), rng.normal(size=4), rng.normal(size=(2, 3, 9))
    layer = Conv1D(3, 4, 2, 1)
    layer(x)
    right = functional.conv1d(torch.tensor(x), torch.tensor(W), torch.tensor(b)).numpy()
    layer.W, layer.b = W.tolist(), b.tolist()
    np.testing.assert_allclose(layer(x), right, atol=1e-12)
    layer.W, layer.b = torch.tensor(W), torch.tensor(b)
    np.testing.assert_allclose(layer(x), right, atol=1e-12)
    layer.W = layer.W.numpy()
    layer.W[...] *= 2
    np.testing.assert_allclose(layer(x), 2 * right - b[:, np.newaxis], atol=1e-12)
    dense = Linear(3, 4)
    dense.W, dense.b = W[:, :, 0].T.tolist(), [b.tolist()]
    np.testing.assert_allclose(dense(x[0].T), x[0].T @ W[:, :, 0].T + b, atol=1e-12)
    assert dense.backward(np.ones((9, 4))).shape == (9, 3) and dense.db.shape == (1, 4)
    norm = BatchNorm(2)
    norm.gamma, norm.beta = [[2.0, 3.0]], torch.ones(1, 2)
    norm.running_mean, norm.running_var = [[1.0, 1.0]], [[4.0, 1.0]]
    np.testing.assert_allclose(norm([[3.0, 2.0]], eval=True), [[3, 4]], rtol=1e-7)
    norm([[3.0, 2.0], [1.0, 0.0]])
    np.testing.assert_allclose(norm.running_mean, [[1.1, 1]])
    norm.backward([[1, 1], [1, 1]])
    tanh, criterion = Tanh(), SoftmaxCrossEntropy()
    tanh([0.0])
    tanh.state = [0.5]
    np.testing.assert_array_equal(tanh.derivative(), [0.75])
    criterion([[0.0, 0.0]], [[1, 0]])
    criterion.labels = [[0, 1]]
    np.testing.assert_array_equal(criterion.derivative(), [[0.5, -0.5]])


def test_default_weights_come_from_the_global_generator():
    for layer, shape in (lambda: Conv1D(4, 5, 6, 2), (5, 4, 6)), (lambda: Linear(3, 5), (3, 5)):
        np.random.seed(3)
        made = layer()
        np.random.seed(3)
        np.testing.assert_array_equal(made.W, np.random.normal(size=shape))
        assert made.dW.shape == shape and not made.dW.any()
        assert made.b.shape == made.db.shape == (5,) and not made.b.any() and not made.db.any()
    assert made.momentum_W.shape == shape and made.momentum_b.shape == (5,)


@pytest.mark.parametrize("dtype, expected", [(int, float), ("f4", "f4"), (float, float)])
def test_gradients_before_the_first_backward_are_floats(dtype, expected):
    def ones(*shape):
        return np.ones(shape, dtype)

    conv, linear = Conv1D(2, 3, 4, 1, ones, ones), Linear(2, 3, ones, ones)
    assert conv.W.dtype == linear.W.dtype == dtype
    for array in conv.dW, conv.db:
        assert array.dtype.kind == "f" and not array.any()
    for array in linear.dW, linear.db, linear.momentum_W, linear.momentum_b:
        assert array.dtype == expected and not array.any()


def test_batchnorm_at_the_start():
    norm = BatchNorm(3)
    for name, value in [("gamma", 1), ("beta", 0), ("dgamma", 0), ("dbeta", 0), ("mean", 0),
                        ("var", 1), ("running_mean", 0), ("running_var", 1)]:
        np.testing.assert_array_equal(getattr(norm, name), np.full((1, 3), value, float))
    assert norm.eps == 1e-8 and norm.alpha == 0.9


def test_linear():
    rng = np.random.RandomState(0)
    for i in range(100):
        batch, n, m = rng.randint(1, 30, size=3)
        b_shape = [(m,), (1, m)][i % 2]
        layer = Linear(n, m, lambda *shape: rng.normal(size=shape),
                       lambda _: rng.normal(size=b_shape))
        x, delta = rng.normal(size=(batch, n)), rng.normal(size=(batch, m))
        x_, W_, b_ = leaf(x), leaf(layer.W), leaf(layer.b)
        y_ = x_ @ W_ + b_
        y_.backward(torch.tensor(delta))
        check_sum(layer(x), y_, abs(x) @ abs(layer.W) + abs(layer.b), n + 1)
        check_sum(layer.backward(delta), x_.grad, abs(delta) @ abs(layer.W.T), m)
        check_sum(layer.dW, W_.grad / batch, abs(x.T) @ abs(delta) / batch, batch + 1)
        check_sum(layer.db, b_.grad / batch, abs(delta).sum(0).reshape(b_shape) / batch, batch + 1)


@pytest.mark.parametrize("kind", [Sigmoid, Tanh, ReLU])
def test_activation(kind):
    rng = np.random.RandomState(0)
    layer, function = kind(), getattr(torch, kind.__name__.lower())
    for _ in range(100):
        x = rng.normal(size=rng.randint(1, 9, size=3)) * 10.0 ** rng.randint(-3, 5)
        delta = rng.normal(size=x.shape)
        x_ = leaf(x)
        y_ = function(x_)
        y_.backward(torch.tensor(delta))
        np.testing.assert_allclose(layer(x), y_.detach().numpy(), rtol=1e-14, atol=1e-300)
        np.testing.assert_allclose(layer.backward(delta), x_.grad.numpy(), rtol=1e-10, atol=1e-15)
        np.testing.assert_array_equal(layer.backward(delta), delta * layer.derivative())


def test_tanh_at_another_time_step():
    tanh = Tanh()
    first, second = tanh([0.5, 1.0]), tanh([2.0, 3.0])
    np.testing.assert_array_equal(tanh.derivative(), 1 - second ** 2)
    np.testing.assert_array_equal(tanh.derivative(first), 1 - first ** 2)
    np.testing.assert_array_equal(tanh.derivative(state=torch.tensor(first)), 1 - first ** 2)


def test_relu_of_what_is_not_finite():
    x = np.array([np.nan, np.inf, -np.inf, -1, 0, 2])
    layer = ReLU()
    np.testing.assert_array_equal(layer(x), torch.relu(torch.tensor(x)).numpy())
    np.testing.assert_array_equal(layer.derivative(), [0, 1, 0, 0, 0, 1])


def test_softmax_cross_entropy():
    rng = np.random.RandomState(0)
    for i in range(100):
        batch, classes = rng.randint(1, 20, size=2)
        x = rng.normal(size=(batch, classes)) * 10.0 ** rng.randint(-3, 5)
        y = rng.dirichlet(np.ones(classes), batch) if i % 2 else np.eye(classes)[
            rng.randint(classes, size=batch)]
        criterion, x_ = SoftmaxCrossEntropy(), leaf(x)
        loss_ = functional.cross_entropy(x_, torch.tensor(y), reduction="none")
        loss_.sum().backward()
        scale = np.abs(x).max(axis=1) + 1
        assert (abs(criterion(x, y) - loss_.detach().numpy()) <= 1e-14 * scale).all()
        assert (abs(criterion.derivative() - x_.grad.numpy()) <= 1e-14 * scale[:, None]).all()
        np.testing.assert_array_equal(criterion.logits, x)
        np.testing.assert_array_equal(criterion.labels, y)
        np.testing.assert_array_equal(criterion.loss, criterion(x, y))


def test_softmax_cross_entropy_of_huge_logits():
    criterion, top = SoftmaxCrossEntropy(), np.finfo(float).max
    x = np.array([[1e4, -1e4], [-1e4, 1e4], [0, 0], [-top, -top], [top, top]])
    y = np.array([[1.0, 0], [1, 0], [1, 0], [0.5, 0.5], [0, 1]])
    log2 = np.log(2)
    np.testing.assert_array_equal(criterion(x, y), [0, 2e4, log2, log2, log2])
    np.testing.assert_array_equal(criterion.derivative()[:2], [[0, 0], [-1, 1]])
    assert np.isfinite(criterion(x, 1 - y)).all()
    assert np.isfinite(criterion.derivative()).all()


def test_softmax_cross_entropy_of_what_is_not_finite():
    x = np.array([[np.inf, 0.0], [-np.inf, 0], [np.nan, 0], [0, 1]])
    y = np.array([[1.0, 0], [1, 0], [1, 0], [1, 0]])
    with np.errstate(invalid="ignore"):
        loss = SoftmaxCrossEntropy()(x, y)
    expected = functional.cross_entropy(torch.tensor(x), torch.tensor(y), reduction="none")
    np.testing.assert_allclose(loss, expected.numpy())


def test_sigmoid_of_huge_inputs():
    x = np.array([-1e308, -1e4, -700.0, 0.0, 40.0, 1e4, 1e308])
    sigmoid = Sigmoid()
    np.testing.assert_allclose(sigmoid(x), [0, 0, np.exp(-700.0), 0.5, 1, 1, 1], rtol=1e-15)
    assert np.isfinite(sigmoid.backward(x)).all()


def test_batchnorm():
    rng = np.random.RandomState(0)
    for _ in range(50):
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
        np.testing.assert_allclose(layer.mean, x.mean(0, keepdims=True), rtol=1e-13)
        np.testing.assert_allclose(layer.var, x.var(0, keepdims=True), rtol=1e-13)
        np.testing.assert_allclose(layer.running_mean, mean[np.newaxis], rtol=1e-13)
        np.testing.assert_allclose(layer.running_var, var[np.newaxis], rtol=1e-13)
        x_ = leaf(x)
        y_ = functional.batch_norm(x_, torch.tensor(mean), torch.tensor(var), gamma_, beta_,
                                   eps=1e-8)
        y_.backward(torch.tensor(delta))
        np.testing.assert_allclose(layer(x, eval=True), y_.detach().numpy(), rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(layer.backward(delta), x_.grad.numpy(), rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(layer.running_mean, mean[np.newaxis], rtol=1e-13)


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


LAYERS = [(lambda: Conv1D(2, 3, 2, 1), (2, 2, 4)), (Flatten, (2, 2, 4)),
          (lambda: Linear(3, 2), (4, 3)), (lambda: BatchNorm(3), (4, 3)), (Identity, (2, 3)),
          (Sigmoid, (2, 3)), (Tanh, (2, 3)), (ReLU, (2, 3))]
KINDS = {
    "list": lambda a: a.tolist(), "tensor": torch.tensor, "integers": lambda a: a.astype(int),
    "small integers": lambda a: a.astype("i1"), "booleans": lambda a: a.astype(bool),
}


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_are_what_numpy_takes_for_one(kind):
    """Whatever comes in, ndarrays go out and are kept, with the numbers of a float array."""
    def check(got, right):
        assert type(got) is np.ndarray
        np.testing.assert_allclose(got, right, rtol=1e-6, atol=1e-7)

    rng, convert = np.random.RandomState(0), KINDS[kind]
    for make, shape in LAYERS:
        np.random.seed(0)
        layer = make()
        x = rng.randint(2, size=shape).astype(float)
        y = layer(x)
        delta = rng.randint(2, size=y.shape).astype(float)
        names = [name for name in ("dW", "db", "dgamma", "dbeta") if hasattr(layer, name)]
        right = [layer.backward(delta)] + [getattr(layer, name) for name in names]
        check(layer(convert(x)), y)
        got = [layer.backward(convert(delta))] + [getattr(layer, name) for name in names]
        for one, other in zip(got, right):
            check(one, other)
        if hasattr(layer, "state"):
            check(layer.state, y)
            check(np.asarray(layer.derivative() * np.ones(shape)), np.asarray(
                layer.backward(np.ones(shape))))
    criterion = SoftmaxCrossEntropy()
    x, y = rng.randint(2, size=(3, 4)).astype(float), np.eye(4)[:3]
    loss, derivative = criterion(x, y), criterion.derivative()
    check(criterion(convert(x), convert(y)), loss)
    check(criterion.derivative(), derivative)
    check(criterion.logits, x)
    check(criterion.labels, y)


@pytest.mark.parametrize("number", [3, 3.0, np.float64(3), np.int8(3), True, torch.tensor(3.0)])
def test_activations_of_a_number(number):
    for kind, y, slope in ((Identity, float(number), 1.0), (ReLU, float(number), 1.0),
                           (Tanh, np.tanh(float(number)), 1 - np.tanh(float(number)) ** 2)):
        layer = kind()
        got = layer(number)
        assert type(got) is np.ndarray and type(layer.state) is np.ndarray and got.shape == ()
        np.testing.assert_allclose([got, layer.derivative(), layer.backward(2)],
                                   [y, slope, 2 * slope], rtol=1e-5)
        assert type(layer.backward(2)) is np.ndarray
    assert type(Sigmoid()(number)) is np.ndarray
    assert Identity()(3) == 3


def test_a_tensor_that_requires_grad_is_torchs_to_refuse():
    for make, shape in LAYERS:
        layer = make()
        with pytest.raises(RuntimeError, match="requires grad"):
            layer(torch.ones(shape, requires_grad=True))


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
