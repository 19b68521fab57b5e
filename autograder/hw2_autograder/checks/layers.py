"""Section 3.2: Flatten, and the layers of homework 1, on numbers of moderate size."""
import numpy as np

from ..compare import Either, Row, Slope
from .check import Case, Check
from .conv1d import leaf

ACTIVATIONS = ["Identity", "Sigmoid", "Tanh", "ReLU"]


def activate(torch, name, x):
    """Torch's activation of this name."""
    return getattr(torch.nn, name)()(x)


class FlattenLayer(Check):
    """Flatten turns (batch, channel, width) into (batch, channel * width), and back."""

    needs_torch = False
    tolerance = 1e-8

    def cases(rng):
        for batch, channel, width in (2, 3, 5), (1, 4, 4), (3, 1, 6), (4, 5, 1), (3, 3, 3):
            yield Case(x=rng.standard_normal((batch, channel, width)),
                       delta=rng.standard_normal((batch, channel * width)),
                       other_x=rng.standard_normal((batch + 1, width, channel + 2)))

    def handin(case):
        from conv import Flatten
        flatten, other = Flatten(), Flatten()
        yield "output for another x", flatten.forward(case.other_x)
        yield "output", flatten.forward(case.x)
        other.forward(case.other_x)
        yield "dx", flatten.backward(case.delta)

    def expected(torch, case):
        x, other_x = case.x, case.other_x
        return {"output for another x": other_x.reshape(len(other_x), -1),
                "output": x.reshape(len(x), -1), "dx": case.delta.reshape(x.shape)}

    def mistakes(torch, case):
        batch, channel, width = case.x.shape
        by_position = case.x.transpose(0, 2, 1).reshape(batch, -1)
        yield "your Flatten goes position by position; channels come first, as x is laid out", {
            "output": by_position}
        yield "your Flatten.backward takes delta position by position; forward laid out channels", {
            "dx": case.delta.reshape(batch, width, channel).transpose(0, 2, 1)}


class LinearLayer(Check):
    """Linear gives x @ W + b; its dW and db are averaged over the batch, homework 1's rule."""

    tolerance = 1e-8

    def cases(rng):
        for batch, n, m, b_shape in ((2, 3, 4, (4,)), (3, 5, 2, (1, 2)), (1, 4, 3, (3,)),
                                     (4, 4, 4, (1, 4)), (5, 1, 3, (3,)), (2, 6, 1, (1, 1))):
            yield Case(W=rng.standard_normal((n, m)), b=rng.standard_normal(b_shape),
                       x=rng.standard_normal((batch, n)), delta=rng.standard_normal((batch, m)),
                       other_x=rng.standard_normal((batch + 1, n)),
                       other_delta=rng.standard_normal((batch + 1, m)))

    def handin(case):
        from linear import Linear
        sizes = []

        def weights(*shape):
            sizes.append(shape)
            return case.W

        linear = Linear(*case.W.shape, weights, lambda *shape: case.b)
        yield "arguments of weight_init_fn", sizes[0]
        yield "W", linear.W
        yield "b", linear.b
        yield "output", linear.forward(case.x)
        yield "dx", linear.backward(case.delta)
        yield "dW", linear.dW
        yield "db", linear.db
        yield "output for another x", linear.forward(case.other_x)
        yield "dx for another x", linear.backward(case.other_delta)
        yield "dW for another x", linear.dW
        yield "db for another x", linear.db

    def expected(torch, case):
        def results(x, delta):
            x, W, b = leaf(torch, x), leaf(torch, case.W), leaf(torch, case.b.reshape(-1))
            y = x @ W + b
            (y * torch.tensor(delta)).sum().backward()
            return [y.detach().numpy(), x.grad.numpy(), W.grad.numpy() / len(x),
                    b.grad.numpy() / len(x)]

        y, dx, dW, db = results(case.x, case.delta)
        y2, dx2, dW2, db2 = results(case.other_x, case.other_delta)
        return {"arguments of weight_init_fn": case.W.shape, "W": case.W,
                "b": Row(case.b.reshape(-1)), "output": y, "dx": dx, "dW": dW, "db": Row(db),
                "output for another x": y2, "dx for another x": dx2,
                "dW for another x": Either(dW2, dW + dW2),
                "db for another x": Either(Row(db2), Row(db + db2))}


class Activations(Check):
    """Identity, Sigmoid, Tanh and ReLU: forward(x), and derivative() at the last output."""

    tolerance = 1e-8

    def cases(rng):
        for name in ACTIVATIONS:
            for shape in (3, 4), (2, 3, 5), (1, 1):
                yield Case(name=name, x=2 * rng.standard_normal(shape),
                           other_x=rng.standard_normal(shape))

    def handin(case):
        import activation
        layer, other = getattr(activation, case.name)(), getattr(activation, case.name)()
        yield "output for another x", layer.forward(case.other_x)
        layer.derivative()
        yield "output", layer(case.x)
        other.forward(case.other_x)
        yield "derivative()", layer.derivative()

    def expected(torch, case):
        x = leaf(torch, case.x)
        y = activate(torch, case.name, x)
        y.sum().backward()
        other_y = activate(torch, case.name, torch.tensor(case.other_x))
        return {"output for another x": other_y.numpy(),
                "output": y.detach().numpy(), "derivative()": Slope(x.grad.numpy())}

    def mistakes(torch, case):
        x, name = case.x, case.name
        y = activate(torch, name, torch.tensor(x)).numpy()
        slope = Activations.expected(torch, case)["derivative()"].value
        for words, value in (("its input", x), ("its derivative", slope), ("its negative", -y),
                             ("a maximum over the batch", x.max(axis=0))):
            yield "the output of your %s is %s" % (name, words), {"output": value}
        formulas = {
            "Sigmoid": {"lacks a factor, the output": 1 - y, "lacks a factor, 1 - the output": y,
                        "is computed from the input, not from the output": x * (1 - x),
                        "applies the sigmoid once too often": 1 / (2 + np.exp(y) + np.exp(-y)),
                        "adds where it is to multiply": y + (1 - y)},
            "Tanh": {"lacks the square": 1 - y, "is computed from the input": 1 - x ** 2,
                     "applies tanh once too often": 1 - np.tanh(y) ** 2,
                     "lacks the 1": -y ** 2, "is that of the sigmoid": y * (1 - y),
                     "is the square alone": y ** 2},
            "ReLU": {"is the output": y, "is 1 everywhere": np.ones_like(y),
                     "is 1 where the output is zero, and 0 elsewhere": 1 - slope},
            "Identity": {"is the output": y, "is zero": np.zeros_like(y)}}
        for words, value in formulas[name].items():
            yield "the derivative of your %s %s" % (name, words), {"derivative()": value}


class Loss(Check):
    """SoftmaxCrossEntropy: forward gives a loss a sample; derivative() is softmax - labels."""

    tolerance = 1e-8

    def cases(rng):
        for batch, classes in (3, 4), (1, 10), (4, 4), (2, 3), (7, 2):
            def labels():
                return np.eye(classes)[rng.integers(classes, size=batch)]
            yield Case(x=3 * rng.standard_normal((batch, classes)), y=labels(),
                       other_x=rng.standard_normal((batch, classes)), other_y=labels())

    def handin(case):
        from loss import SoftmaxCrossEntropy
        criterion, other = SoftmaxCrossEntropy(), SoftmaxCrossEntropy()
        yield "loss for another x", criterion.forward(case.other_x, case.other_y)
        criterion.derivative()
        yield "loss", criterion(case.x, case.y)
        other.forward(case.other_x, case.other_y)
        yield "derivative()", criterion.derivative()

    def expected(torch, case):
        def loss(x, y):
            return torch.nn.functional.cross_entropy(x, torch.tensor(y), reduction="none")

        x = leaf(torch, case.x)
        losses = loss(x, case.y)
        losses.sum().backward()
        return {"loss for another x": loss(torch.tensor(case.other_x), case.other_y).numpy(),
                "loss": losses.detach().numpy(), "derivative()": x.grad.numpy()}

    def mistakes(torch, case):
        p = torch.softmax(torch.tensor(case.x), 1).numpy()
        yield "your derivative is the softmax alone: the labels are to be taken away", {
            "derivative()": p}
        yield "your derivative takes the labels from the logits, not from their softmax", {
            "derivative()": case.x - case.y}
        whole = np.exp(case.x) / np.exp(case.x).sum()
        yield "your softmax is normalized over the whole batch; it is to be for each sample", {
            "loss": -(case.y * np.log(whole)).sum(axis=1), "derivative()": whole - case.y}
        losses = -(case.y * np.log(p)).sum(axis=1)
        yield "your loss is summed over the batch; it is one number a sample", {
            "loss": losses.sum()}
        yield "your loss is averaged over the batch; it is one number a sample", {
            "loss": losses.mean()}
        yield "your loss takes the softmax over the batch; it is over the classes", {
            "loss": -(case.y * torch.log_softmax(torch.tensor(case.x), 0).numpy()).sum(axis=1)}
        yield "your loss is that of a softmax applied twice", {
            "loss": -(case.y * torch.log_softmax(torch.tensor(p), 1).numpy()).sum(axis=1)}
