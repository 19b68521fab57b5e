"""Section 3.2: Flatten, and the layers of homework 1, on numbers of moderate size."""
import numpy as np

from .case import Case, Check
from .conv1d import leaf

ACTIVATIONS = ["Identity", "Sigmoid", "Tanh", "ReLU"]


def activate(torch, name, x):
    """Return torch's activation of this name."""
    return getattr(torch.nn, name)()(x)


def vector(value):
    """Return a vector of shape (1, n) as (n,): homework 1 allows both."""
    return value[0] if isinstance(value, np.ndarray) and value.shape[:-1] == (1,) else value


def number(value):
    """Return an array of one number as that number."""
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


class FlattenLayer(Check):
    """Flatten turns (batch, channel, width) into (batch, channel * width), and back."""

    def cases(rng):
        yield Case(x=np.arange(6.0).reshape(1, 2, 3), delta=np.arange(6.0).reshape(1, 6))
        for batch, channel, width in (2, 3, 5), (1, 4, 4), (3, 1, 6), (4, 5, 1), (3, 3, 3):
            yield Case(x=rng.standard_normal((batch, channel, width)),
                       delta=rng.standard_normal((batch, channel * width)))

    def handin(case):
        from conv import Flatten
        flatten, other = Flatten(), Flatten()
        flatten.forward(case.x[:, :, 1:].repeat(2, axis=0))
        yield "output", flatten.forward(case.x)
        other.forward(case.x[:1])
        yield "dx", flatten.backward(case.delta)

    def expected(torch, case):
        return {"output": case.x.reshape(len(case.x), -1), "dx": case.delta.reshape(case.x.shape)}

    def mistakes(torch, case):
        batch, channel, width = case.x.shape
        yield "your Flatten goes position by position; it should go channel by channel", lambda: {
            "output": case.x.transpose(0, 2, 1).reshape(batch, -1)}
        yield "your Flatten.backward reads delta position by position, but forward wrote it" \
            " channel by channel", lambda: {
                "dx": case.delta.reshape(batch, width, channel).transpose(0, 2, 1)}


class LinearLayer(Check):
    """Linear gives x @ W + b; its dW and db are averaged over the batch, as in homework 1."""

    tolerance = 1e-8

    def cases(rng):
        for batch, n, m, b_shape in ((2, 2, 1, (1,)), (2, 3, 4, (4,)), (3, 5, 2, (1, 2)),
                                     (1, 4, 3, (3,)), (4, 4, 4, (1, 4)), (5, 1, 3, (3,))):
            def draw(*shape):
                return rng.integers(-3, 4, shape) * 1.0 if m == 1 else rng.standard_normal(shape)
            yield Case({"b's shape": str(b_shape[:-1] + ("out_feature",)).replace("'", "")},
                       W=draw(n, m), b=draw(*b_shape), x=draw(batch, n), delta=draw(batch, m))

    def handin(case):
        from linear import Linear
        linear = Linear(*case.W.shape, lambda *shape: case.W.reshape(shape), lambda *_: case.b)
        linear.forward(-case.x)
        linear.backward(-case.delta)
        yield "W", linear.W
        yield "b", vector(linear.b)
        yield "output", linear.forward(case.x)
        linear.dW.fill(0.0)
        linear.db.fill(0.0)
        yield "dx", linear.backward(case.delta)
        yield "dW", linear.dW
        yield "db", vector(linear.db)

    def expected(torch, case):
        x, W, b = (leaf(torch, array) for array in (case.x, case.W, case.b.reshape(-1)))
        y = x @ W + b
        y.backward(torch.tensor(case.delta))
        return {"W": case.W, "b": case.b.reshape(-1), "output": y.detach().numpy(),
                "dx": x.grad.numpy(), "dW": W.grad.numpy() / len(x),
                "db": b.grad.numpy() / len(x)}

    def mistakes(torch, case):
        yield "your output is missing the bias", lambda: {"output": case.x @ case.W}


class Activations(Check):
    """Identity, Sigmoid, Tanh and ReLU: forward(x), and derivative() at the last output."""

    tolerance = 1e-8

    def cases(rng):
        for name in ACTIVATIONS:
            for shape in (1, 2), (3, 4), (2, 3, 5):
                yield Case({"the activation": name}, name=name, x=2 * rng.standard_normal(shape))

    def handin(case):
        import activation
        layer, other = getattr(activation, case.name)(), getattr(activation, case.name)()
        layer.forward(-case.x)
        layer.derivative()
        yield "output", layer(case.x)
        other.forward(case.x[:1] / 2)
        slope = layer.derivative()  # booleans, or one number where it is the same everywhere
        yield "derivative()", np.broadcast_to(slope, case.x.shape) if np.size(slope) == 1 else slope

    def expected(torch, case):
        x = leaf(torch, case.x)
        y = activate(torch, case.name, x)
        y.sum().backward()
        return {"output": y.detach().numpy(), "derivative()": x.grad.numpy()}

    def mistakes(torch, case):
        x, name = case.x, case.name
        y = activate(torch, name, torch.tensor(x)).numpy()
        yield "the output of your %s is its input" % name, lambda: {"output": x}
        yield "the output of your %s is a maximum over the batch" % name, lambda: {
            "output": x.max(axis=0)}
        if name == "Sigmoid":
            yield "the output of your Sigmoid lacks the minus: 1 / (1 + exp(-x))", lambda: {
                "output": 1 - y}
        for words, value in {
                "Sigmoid": {"lacks a factor, the output": 1 - y, "lacks a factor, 1 - output": y,
                            "applies the sigmoid once more": 1 / (2 + np.exp(y) + np.exp(-y))},
                "Tanh": {"lacks the square": 1 - y, "lacks the 1": -y ** 2,
                         "applies tanh once more": 1 - np.tanh(y) ** 2},
                "ReLU": {"is 1 everywhere": 1 + 0 * y}, "Identity": {}}[name].items():
            yield "the derivative of your %s %s" % (name, words), lambda: {"derivative()": value}


class Loss(Check):
    """SoftmaxCrossEntropy: forward gives a loss per sample; derivative() is softmax - labels."""

    tolerance = 1e-8

    def cases(rng):
        for batch, classes in (1, 2), (3, 4), (1, 10), (4, 4), (2, 3), (7, 2):
            yield Case(x=3 * rng.standard_normal((batch, classes)),
                       labels=np.eye(classes)[rng.integers(classes, size=batch)])

    def handin(case):
        from loss import SoftmaxCrossEntropy
        criterion, other = SoftmaxCrossEntropy(), SoftmaxCrossEntropy()
        criterion.forward(-case.x, np.roll(case.labels, 1, axis=1))
        criterion.derivative()
        yield "loss", criterion(case.x, case.labels)
        other.forward(case.x[:1] / 2, case.labels[:1])
        yield "derivative()", criterion.derivative()

    def expected(torch, case):
        x = leaf(torch, case.x)
        losses = torch.nn.functional.cross_entropy(x, torch.tensor(case.labels), reduction="none")
        losses.sum().backward()
        return {"loss": losses.detach().numpy(), "derivative()": x.grad.numpy()}

    def mistakes(torch, case):
        labels, e = case.labels, np.exp(case.x)
        p = e / e.sum(axis=1, keepdims=True)
        yield "your derivative is the softmax alone; subtract the labels", lambda: {
            "derivative()": p}
        for words, q in (("whole batch", e / e.sum()), ("batch", e / e.sum(axis=0))):
            yield "your softmax is normalized over the %s; it should be over each sample's" \
                " classes" % words, lambda: {"loss": -(labels * np.log(q)).sum(axis=1),
                                             "derivative()": q - labels}
        for words, total in ("summed", np.sum), ("averaged", np.mean):
            yield "your loss is %s over the batch; it should be one number per sample" % words, \
                lambda: {"loss": total(-(labels * np.log(p)).sum(axis=1))}
