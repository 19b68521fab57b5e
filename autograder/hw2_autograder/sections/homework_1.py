"""Section 3.2: Flatten, and the layers of homework 1, on numbers of moderate size."""
import numpy as np

from ..check import Case, Check, Mistake, Section
from .shared.values import ACTIVATIONS, activate, if_changed, leaf, vector, zero_gradients


class FlattenLayer(Check):
    """Flatten turns (batch, channel, width) into (batch, channel * width), and back."""

    methods = ("Flatten.forward", "Flatten.backward")

    def cases(self, rng):
        def draw(batch, channel, width):
            return Case(x=rng.standard_normal((batch, channel, width)),
                        delta=rng.standard_normal((batch, channel * width)))

        yield Case(x=np.arange(6.0).reshape(1, 2, 3), delta=np.arange(6.0).reshape(1, 6))
        for shape in (2, 3, 5), (1, 4, 4), (3, 1, 6), (4, 5, 1), (3, 3, 3):
            batch, channel, width = shape
            yield draw(*shape).but(earlier=draw(batch + 1, channel, width + 1),
                                   other=draw(1, channel, width))

    def make(self, case):
        from conv import Flatten
        return Flatten()

    def begin(self, flatten, case):
        x = case.x
        yield "output", flatten.forward(x)
        yield from if_changed("x after forward", x, case.x)

    def end(self, flatten, case):
        yield "dx", flatten.backward(case.delta)

    def expected(self, torch, case):
        return {"output": torch.tensor(case.x).flatten(1).numpy(),
                "dx": case.delta.reshape(case.x.shape)}

    def mistakes(self, torch, case):
        batch, channel, width = case.x.shape
        yield Mistake("your Flatten", "goes position by position; it should go channel by channel",
                      results={"output": case.x.transpose(0, 2, 1).reshape(batch, -1)})
        by_position = case.delta.reshape(batch, width, channel).transpose(0, 2, 1)
        yield Mistake("your Flatten.backward", "reads delta position by position, but forward wrote"
                      " it channel by channel", results={"dx": by_position})

    def signs(self, torch, case, values):
        if "x after forward" in values:
            yield "your Flatten changes x, or its shape: use x.reshape"


class LinearLayer(Check):
    """Linear gives x @ W + b; its dW and db are averaged over the batch, as in homework 1."""

    tolerance = 1e-8
    file = "mytorch/linear.py"
    methods = ("Linear.forward", "Linear.backward")

    def cases(self, rng):
        def integers(*shape):
            return rng.integers(-3, 4, shape) * 1.0

        def normal(*shape):
            return rng.standard_normal(shape)

        shapes = [(2, 2, 1, (1,)), (2, 3, 4, (4,)), (3, 5, 2, (1, 2)), (1, 4, 3, (3,)),
                  (4, 4, 4, (1, 4)), (5, 1, 3, (3,))]
        for batch, n, m, b_shape in shapes:
            draw = integers if m == 1 else normal  # the first case is to be read
            shape = "(1, out_feature)" if len(b_shape) == 2 else "(out_feature,)"
            case = Case({"b's shape": shape}, W=draw(n, m), b=draw(*b_shape), x=draw(batch, n),
                        delta=draw(batch, m))
            yield case.but(earlier=case.but(x=draw(batch, n), delta=draw(batch, m)))

    def make(self, case):
        from linear import Linear

        def weight_init_fn(*shape):
            return case.W.reshape(shape)

        def bias_init_fn(*shape):
            return case.b

        return Linear(*np.shape(case.W), weight_init_fn, bias_init_fn)

    def begin(self, linear, case):
        yield "W", linear.W
        yield "b", vector(linear.b)
        yield "output", linear.forward(case.x)

    def end(self, linear, case):
        zero_gradients(linear)
        yield "dx", linear.backward(case.delta)
        yield "dW", linear.dW
        yield "db", vector(linear.db)

    def expected(self, torch, case):
        x = leaf(torch, case.x)
        W = leaf(torch, case.W)
        b = leaf(torch, case.b.reshape(-1))
        y = x @ W + b
        y.backward(torch.tensor(case.delta))
        batch = len(case.x)
        return {"W": case.W, "b": case.b.reshape(-1), "output": y.detach().numpy(),
                "dx": x.grad.numpy(), "dW": W.grad.numpy() / batch, "db": b.grad.numpy() / batch}

    def mistakes(self, torch, case):
        yield Mistake("your output", "is missing the bias", {"b": 0 * case.b}, only="output")


class ActivationLayer(Check):
    """Its output is torch's, and derivative() is the slope at the last output."""

    tolerance = 1e-8
    file = "mytorch/activation.py"

    def __init__(self, activation):
        self.activation = activation
        self.methods = (activation + ".forward", activation + ".derivative")

    @property
    def name(self):
        return self.activation

    def cases(self, rng):
        for shape in (1, 2), (3, 4), (2, 3, 5):
            x, earlier = 2 * rng.standard_normal((2, *shape))
            yield Case(x=x, earlier=Case(x=earlier), other=Case(x=x[:1] / 2))

    def make(self, case):
        import activation
        return getattr(activation, self.activation)()

    def begin(self, layer, case):
        yield "output", layer(case.x)

    def end(self, layer, case):
        slope = layer.derivative()
        if np.size(slope) == 1:  # one number, where it is the same everywhere
            slope = np.broadcast_to(slope, case.x.shape)
        yield "derivative()", slope

    def expected(self, torch, case):
        x = leaf(torch, case.x)
        y = activate(torch, self.activation, x)
        y.sum().backward()
        return {"output": y.detach().numpy(), "derivative()": x.grad.numpy()}

    def mistakes(self, torch, case):
        right = self.expected(torch, case)
        y = right["output"]
        yield self._output("is a maximum over the batch", case.x.max(axis=0))
        if self.activation != "Identity":
            yield self._output("is its input", case.x)
        if self.activation != "Identity" and case.earlier:
            before = self.expected(torch, case.earlier)
            yield self._output("is that of an earlier call", before["output"])
            yield self._derivative("is that of an earlier output", before["derivative()"])
        if self.activation != "Identity" and case.other:
            other = self.expected(torch, case.other)
            yield self._derivative("is that of another layer's output", other["derivative()"])
        if self.activation == "Sigmoid":
            yield self._output("lacks the minus: 1 / (1 + exp(-x))", 1 - y)
            yield self._derivative("lacks a factor, the output", 1 - y)
            yield self._derivative("lacks a factor, 1 - output", y)
            once_more = 1 / (2 + np.exp(y) + np.exp(-y))
            yield self._derivative("applies the sigmoid once more", once_more)
        if self.activation == "Tanh":
            yield self._derivative("lacks the square", 1 - y)
            yield self._derivative("lacks the 1", -y ** 2)
            yield self._derivative("applies tanh once more", 1 - np.tanh(y) ** 2)
        if self.activation == "ReLU":
            yield self._derivative("is 1 everywhere", np.ones(y.shape))

    def _output(self, words, value):
        return Mistake("the output of your " + self.activation, words, results={"output": value})

    def _derivative(self, words, value):
        return Mistake("the derivative of your " + self.activation, words,
                       results={"derivative()": value})


class Loss(Check):
    """SoftmaxCrossEntropy: forward gives a loss per sample; derivative() is softmax - labels."""

    tolerance = 1e-8
    file = "mytorch/loss.py"
    methods = ("SoftmaxCrossEntropy.forward", "SoftmaxCrossEntropy.derivative")

    def cases(self, rng):
        for batch, classes in (1, 2), (3, 4), (1, 10), (4, 4), (2, 3), (7, 2):
            x, earlier = 3 * rng.standard_normal((2, batch, classes))
            labels = np.eye(classes)[rng.integers(classes, size=batch)]
            case = Case(x=x, labels=labels)
            yield case.but(earlier=Case(x=earlier, labels=np.roll(labels, 1, axis=1)),
                           other=Case(x=x[:1] / 2, labels=labels[:1]))

    def make(self, case):
        from loss import SoftmaxCrossEntropy
        return SoftmaxCrossEntropy()

    def begin(self, criterion, case):
        yield "loss", criterion(case.x, case.labels)

    def end(self, criterion, case):
        yield "derivative()", criterion.derivative()

    def expected(self, torch, case):
        x = leaf(torch, case.x)
        labels = torch.tensor(case.labels)
        losses = torch.nn.functional.cross_entropy(x, labels, reduction="none")
        losses.sum().backward()
        return {"loss": losses.detach().numpy(), "derivative()": x.grad.numpy()}

    def mistakes(self, torch, case):
        labels = case.labels
        e = np.exp(case.x)
        p = e / e.sum(axis=1, keepdims=True)
        losses = -(labels * np.log(p)).sum(axis=1)
        yield Mistake("your derivative", "is the softmax alone; subtract the labels",
                      results={"derivative()": p})
        sums = [("samples and classes", e / e.sum()), ("samples", e / e.sum(axis=0))]
        for over, q in sums:
            yield Mistake("your softmax", "is normalized over the %s; it should be over each"
                          " sample's classes" % over,
                          results={"loss": -(labels * np.log(q)).sum(axis=1),
                                   "derivative()": q - labels})
        one_each = "it should be one number per sample"
        yield Mistake("your loss", "is summed over the batch; " + one_each,
                      results={"loss": losses.sum()})
        yield Mistake("your loss", "is averaged over the batch; " + one_each,
                      results={"loss": losses.mean()})
        if case.earlier:
            yield Mistake("your derivative", "uses the labels of an earlier call",
                          results={"derivative()": p - case.earlier.labels})


SECTION = Section("3.2", "Flatten and homework 1's layers", 0,
                  [FlattenLayer(), LinearLayer(), *map(ActivationLayer, ACTIVATIONS), Loss()])
