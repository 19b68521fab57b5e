"""Section 3.5: the CNN in hw2/hw2.py, against the same network in torch."""
import numpy as np

from ..check import Case, Check, Mistake, NotWritten, Section
from ..compare import compare
from ..cover import cover
from ..results import Shape, is_array
from .shared.values import (ACTIVATIONS, activate, leaf, number, vector, wave, zero_gradients)

FIGURE_4 = dict(input_width=128, num_input_channels=24, num_channels=[56, 28, 14],
                kernel_sizes=[5, 6, 2], strides=[1, 2, 2], num_linear_neurons=10,
                activations=["Tanh", "ReLU", "Sigmoid"])
SMALLEST = dict(input_width=5, num_input_channels=1, num_channels=[2], kernel_sizes=[2],
                strides=[2], num_linear_neurons=2, activations=["Tanh"])
EQUAL = dict(input_width=4, num_input_channels=3, num_channels=[3, 3, 3], kernel_sizes=[1, 1, 1],
             strides=[1, 1, 1], num_linear_neurons=3, activations=["Tanh", "Tanh", "Tanh"])
FACTORS = {
    "the number of convolutions": [1, 2, 3, 4, 5],
    "the batch size": [1, 2, 7],
    "the first activation": ACTIVATIONS,
    "the criterion": ["SoftmaxCrossEntropy", "not of this course"],
    "an earlier pass": ["none", "with other parameters", "with another x and labels"],
    "another network's pass before backward": ["none", "of the same sizes", "of other sizes"],
}


def draw_sizes(rng, depth, activation):
    """Return the constructor's sizes for this many convolutions, the first with this activation."""
    kernels = rng.integers(1, 5, depth).tolist()
    strides = rng.integers(1, 4 if depth < 4 else 3, depth).tolist()
    width = int(rng.integers(1, 6))  # of the last convolution's output
    for kernel, stride in zip(kernels[::-1], strides[::-1]):
        width = (width - 1) * stride + kernel + int(rng.integers(stride))
    in_channel, *channels = rng.integers(1, 10, depth + 1).tolist()
    others = rng.choice(ACTIVATIONS, depth - 1).tolist()
    return dict(input_width=width, num_input_channels=in_channel, num_channels=channels,
                kernel_sizes=kernels, strides=strides, num_linear_neurons=int(rng.integers(2, 13)),
                activations=[activation, *others])


def shapes(sizes):
    """Return the shape of each layer's W."""
    width = sizes["input_width"]
    channel = sizes["num_input_channels"]
    found = []
    for out, kernel, stride in zip(sizes["num_channels"], sizes["kernel_sizes"], sizes["strides"]):
        found.append((out, channel, kernel))
        width = (width - kernel) // stride + 1
        channel = out
    return [*found, (channel * width, sizes["num_linear_neurons"])]


def cnn_case(rng, sizes, batch, levels=None):
    """Return a case with x, one-hot labels, and a (W, b) for each layer."""
    parameters = []
    for shape in shapes(sizes):  # the weights small enough not to saturate activations
        if len(shape) == 3:
            out = shape[0]
            scale = np.prod(shape[1:]) ** -0.5
        else:
            out = shape[1]
            scale = 2 * shape[0] ** -0.5
        parameters.append((scale * rng.standard_normal(shape), rng.standard_normal(out)))
    x = rng.standard_normal((batch, sizes["num_input_channels"], sizes["input_width"]))
    return Case(levels, **sizes, parameters=parameters, x=x, labels=_labels(rng, sizes, batch))


def speech_case(rng):
    """Return a case of Figure 4 with numbers as those of speech, from -109 to 126."""
    parameters = []
    for shape in shapes(FIGURE_4):
        out = shape[0] if len(shape) == 3 else shape[1]
        parameters.append((rng.standard_normal(shape), np.zeros(out)))
    x = np.clip(12 * rng.standard_t(3, (1, 24, 128)), -109, 126)
    return Case(**FIGURE_4, parameters=parameters, x=x, labels=_labels(rng, FIGURE_4, 1))


def _labels(rng, sizes, batch):
    classes = sizes["num_linear_neurons"]
    return np.eye(classes)[rng.integers(classes, size=batch)]


class SumOfSquares:
    """sum((x - y) ** 2) / 2: no hand-in has it, which shows whether the given criterion is used."""

    def forward(self, x, y):
        self.logits = x
        self.labels = y
        self.loss = ((x - y) ** 2).sum(axis=1) / 2
        return self.loss

    def derivative(self):
        return self.logits - self.labels

    __call__ = forward


def has_other_criterion(case):
    """Return whether a case's criterion is not of this course."""
    return case.levels.get("the criterion") == "not of this course"


def bias_init_fn(n):
    return 2 + wave(n)


def linear_weight_init_fn(*shape):
    return wave(*shape) ** 3


def build(case):
    """Return the hand-in's CNN for a case."""
    import activation
    from hw2 import CNN
    from loss import SoftmaxCrossEntropy
    criterion = SumOfSquares() if has_other_criterion(case) else SoftmaxCrossEntropy()
    activations = [getattr(activation, name)() for name in case.activations]
    network = CNN(case.input_width, case.num_input_channels, case.num_channels, case.kernel_sizes,
                  case.strides, case.num_linear_neurons, activations, wave, bias_init_fn,
                  linear_weight_init_fn, criterion, 0.25)
    if not network.convolutional_layers or not network.linear_layer:
        raise NotWritten("CNN.__init__")
    return network


def layers(network):
    """Return the layers that have parameters by their names in the report."""
    found = {}
    for i, conv in enumerate(network.convolutional_layers):
        found["convolutional_layers[%d]" % i] = conv
    found["linear_layer"] = network.linear_layer
    return found


class CNNAttributes(Check):
    """CNN(...) builds its convolutions and its linear layer, each with its own init function."""

    file = "hw2/hw2.py"
    builds_on = ("ConvAttributes",)
    tolerance = 1e-8
    methods = ("CNN.__init__",)
    computes = False

    def cases(self, rng):
        yield Case(**SMALLEST)
        for depth in 1, 2, 3, 5:
            yield Case(**draw_sizes(rng, depth, "Tanh"))
        yield Case(**FIGURE_4)

    def make(self, case):
        return build(case)

    def begin(self, network, case):
        yield "nlayers", network.nlayers
        yield "lr", network.lr
        network.train_mode, network.criterion  # raises if the given attributes are gone
        yield "len(convolutional_layers)", len(network.convolutional_layers)
        for name, layer in layers(network).items():
            yield name + ".W", layer.W
            yield name + ".b", vector(layer.b)

    def expected(self, torch, case):
        depth = len(case.strides)
        results = {"nlayers": depth, "lr": 0.25, "len(convolutional_layers)": depth}
        *convolutions, linear = shapes(case.arguments)
        for i, shape in enumerate(convolutions):
            results["convolutional_layers[%d].W" % i] = wave(*shape)
            results["convolutional_layers[%d].b" % i] = bias_init_fn(shape[0])
        results["linear_layer.W"] = linear_weight_init_fn(*linear)
        results["linear_layer.b"] = bias_init_fn(linear[1])
        return results

    def problem(self, name, expected, got):
        problem = compare(expected, got, self.tolerance)
        if problem is None or not name.endswith((".W", ".b")):
            return problem
        layer = "Linear" if name.startswith("linear_layer") else "Conv1D"
        if np.shape(got) == np.shape(expected):
            functions = {"Conv1D.W": "conv_weight_init_fn", "Linear.W": "linear_weight_init_fn"}
            function = functions.get(layer + name[-2:], "bias_init_fn")
            return "not what %s gives: is it passed to %s?" % (function, layer)
        if name == "linear_layer.W":
            return problem + ": num_channels[-1] * width, num_linear_neurons; each convolution" \
                " makes the width (width - kernel_size) // stride + 1"
        return problem


class CNNPasses(Check):
    """CNN gives the output, the summed loss, dx and all gradients; Figure 4 is the last case."""

    file = "hw2/hw2.py"
    builds_on = ("CNNAttributes", "ConvForward", "ConvBackward", "FlattenLayer", "LinearLayer",
                 *ACTIVATIONS, "Loss")
    tolerance = 1e-8
    methods = ("CNN.forward", "CNN.backward")

    def cases(self, rng):
        yield cnn_case(rng, SMALLEST, 2)
        for levels in cover(rng, FACTORS):
            depth = levels["the number of convolutions"]
            activation = levels["the first activation"]
            sizes = draw_sizes(rng, depth, activation)
            case = cnn_case(rng, sizes, levels["the batch size"], levels)
            same = cnn_case(rng, sizes, levels["the batch size"], levels)
            different = cnn_case(rng, draw_sizes(rng, 1 + depth % 5, activation), 3, levels)
            earlier = {
                "none": None,
                "with other parameters": case.but(parameters=same.parameters),
                "with another x and labels": case.but(x=same.x, labels=same.labels),
            }
            other = {"none": None, "of the same sizes": same, "of other sizes": different}
            yield case.but(earlier=earlier[levels["an earlier pass"]],
                           other=other[levels["another network's pass before backward"]])
        yield cnn_case(rng, EQUAL, 3)  # equal layers may share what they should not
        yield speech_case(rng)

    def make(self, case):
        return build(case)

    def begin(self, network, case):
        for layer, (W, b) in zip(layers(network).values(), case.parameters):
            layer.W = W
            layer.b = b if W.ndim == 3 else b.reshape(np.shape(layer.b))
        yield "output", network.forward(case.x)
        for i, activation in enumerate(network.activations):
            yield "activations[%d].state" % i, getattr(activation, "state", None)

    def end(self, network, case):
        for layer in layers(network).values():
            zero_gradients(layer)
        dx = network.backward(case.labels)
        yield "loss", number(network.loss)
        for name, layer in layers(network).items():
            yield name + ".dW", layer.dW
            yield name + ".db", vector(layer.db)
        yield "dx", dx

    def expected(self, torch, case):
        return Passes(torch, case).results()

    def mistakes(self, torch, case):
        yield from self._forward_mistakes(case)
        yield from self._backward_mistakes(case)
        yield from self._averaged(torch, case)
        if case.earlier:
            subject = "your results use"
            yield Mistake(subject, "the labels of an earlier pass",
                          {"labels": case.earlier.labels})
            yield Mistake(subject, "the parameters of an earlier pass",
                          {"parameters": case.earlier.parameters}, only="output")
            yield Mistake(subject, "the x of an earlier pass", {"x": case.earlier.x}, only="output")

    def _averaged(self, torch, case):
        if len(case.x) > 1:
            averaged = {}
            for name, value in self.expected(torch, case).items():
                if name.startswith("convolutional_layers"):
                    averaged[name] = value / len(case.x)
            yield Mistake("your convolutions' dW and db", "are divided by the batch size; they are"
                          " sums", results=averaged)

    def _forward_mistakes(self, case):
        names = case.activations
        depth = len(names)

        def gives(words, **changes):
            return Mistake("your output", "is that of the network " + words, changes, only="output")

        def without_bias(layers):
            return [(W, 0 * b if i in layers else b) for i, (W, b) in enumerate(case.parameters)]

        yield gives("without the linear layer's bias", parameters=without_bias([depth]))
        yield gives("without the convolutions' biases", parameters=without_bias(range(depth)))
        yield gives("with a softmax on the output; the criterion has one already", last="Softmax")
        yield gives("with the last activation after the linear layer too", last=names[-1])
        yield gives("with the first activation after every convolution",
                    activations=names[:1] * depth)
        yield gives("with the last activation after every convolution",
                    activations=names[-1:] * depth)
        yield gives("without the activations", activations=["Identity"] * depth)
        for i, words in _places(depth):
            changed = [*names[:i], "Identity", *names[i + 1:]]
            yield gives("without the activation after " + words, activations=changed)
        yield Mistake("your forward", "does not pass on what the layers return: x ="
                      " activation(conv(x))", {"forgets": True}, only="output")
        *_, (linear, _) = case.parameters
        batch = len(case.x)
        channel = case.num_channels[-1]
        width = len(linear) // channel
        words = "gives the linear layer 3 axes: is Flatten used?"
        if channel == 1:  # numpy.dot takes them
            shape = Shape((batch, 1, case.num_linear_neurons))
            yield Mistake("your forward", words, results={"output": shape}, raises=True)
        else:
            yield Mistake("your forward", words, raises=True, in_line=(batch, channel, width))

    def _backward_mistakes(self, case):
        depth = len(case.activations)
        backward = list(range(depth))[::-1]
        forward = backward[::-1]

        def gives(words, **changes):
            return Mistake("your backward", words, changes)

        yield Mistake("your loss", "and its derivative are averaged over the batch",
                      {"divide_loss": True})
        yield gives("starts from a derivative averaged over the batch", start="averaged derivative")
        yield gives("starts from the output, not from the criterion's derivative", start="output")
        yield gives("starts from the softmax; subtract the labels", start="softmax")
        *_, (linear, _) = case.parameters
        batch = len(case.x)
        seen = (len(linear),) if batch == case.num_linear_neurons else (batch,)
        yield Mistake("your backward", "starts from the loss, of shape (batch,), not from the"
                      " criterion's derivative, of shape (batch, num_linear_neurons)",
                      raises=True, in_line=seen)
        yield gives("leaves out the activations' derivatives", derivative_order=[None] * depth)
        yield gives("uses an activation's output as its derivative", derivative_from="output")
        yield gives("computes an activation's derivative from its input, not its output",
                    derivative_from="input")
        yield gives("applies an activation's derivative after its convolution; it belongs before",
                    derivative_last=True)
        if depth > 1:
            yield gives("goes through the layers in forward order", convs=forward,
                        derivative_order=forward)
            yield gives("goes through the activations in forward order; reverse that list too",
                        derivative_order=forward)
            yield gives("goes through the convolutions in forward order; reverse that list too",
                        convs=forward)
            yield gives("uses activations[0] throughout", derivative_order=[0] * depth)
            yield gives("uses the last activation throughout", derivative_order=[depth - 1] * depth)
            yield gives("leaves out the first convolution", convs=backward[:-1])
            yield gives("does not pass on what a convolution's backward returns", passed_on=False)
            for i, words in _places(depth):
                slopes = [None if j == i else j for j in backward]
                yield gives("leaves out the derivative of the activation after " + words,
                            derivative_order=slopes)

    def signs(self, torch, case, values):
        for i in range(len(case.activations)):
            state = values.get("activations[%d].state" % i)
            if is_array(state) and state.ndim == 2:
                yield "activations[%d].state has 2 axes after forward: does Flatten change the" \
                    " shape of its input in place?" % i

    def remarks(self, torch, case, values):
        inputs_are_finite = True
        for i, name in enumerate(case.activations):
            state = values.get("activations[%d].state" % i)
            finite = is_array(state) and np.isfinite(state).all()
            if is_array(state) and inputs_are_finite and not finite:
                use = {"Tanh": "np.tanh", "ReLU": "np.maximum", "Sigmoid": "1 / (1 + np.exp(-x))",
                       "Identity": "x itself"}
                yield "your %s gives NaN for large numbers: use %s" % (name, use[name])
            inputs_are_finite = finite
        yield from self._first_that_differs(torch, case, values)

    def _first_that_differs(self, torch, case, values):
        """Yield which activation's output is the first that differs, where a later one is wrong."""
        for i, right in enumerate(Passes(torch, case).activated):
            name = "activations[%d].state" % i
            if name not in values:
                return
            state, right = values[name], right.detach().numpy()
            if np.shape(state) != right.shape:  # an activation may stand in the list twice
                return
            if self.problem(name, right, state):
                before = "" if i == 0 else "activations[%d] gives what it should; " % (i - 1)
                yield "%sthe output of activations[%d] is the first that differs" % (before, i)
                return
        if "output" in values and self.problem("output", self.expected(torch, case)["output"],
                                               values["output"]):
            yield "all activations give what they should; the output is the first that differs"


def _places(depth):
    """Yield the index of each convolution and what a hint calls it."""
    yield 0, "the first convolution"
    yield depth - 1, "the last convolution"
    for i in range(1, depth - 1):
        yield i, "convolution %d" % (i + 1)


class Passes:
    """Torch's forward and backward pass of a case's network.

    Where the case has them, these arguments make it a wrong network:

    last : str
        An activation after the linear layer.
    start : {"output", "softmax", "averaged derivative"}
        What backward starts from.
    divide_loss : bool
        Whether the loss and its derivative are averaged over the batch.
    convs, derivative_order : list of int or None
        The convolutions, and the activations whose derivatives are used, in backward's order; None
        leaves a derivative out.
    derivative_from : {"input", "output"}
        "input": an activation's derivative is computed from its input; "output": its output is
        used as its derivative.
    derivative_last : bool
        Whether a derivative is applied after its convolution.
    passed_on : bool
        Whether a convolution's dx is passed on.
    forgets : bool
        Whether forward forgets what the layers give, and goes on with x.

    Attributes
    ----------
    activated : list of Tensor
        What each activation gives.
    """

    def __init__(self, torch, case):
        self.torch = torch
        self.case = case
        self.parameters = [(leaf(torch, W), leaf(torch, b)) for W, b in case.parameters]
        self.inputs = []  # of each convolution
        self.convolved = []  # what each convolution gives
        self.activated = []  # what each activation gives
        x = leaf(torch, case.x)
        for i, name in enumerate(case.activations):
            self.inputs.append(x.detach().requires_grad_())
            z = self._convolve(i).detach().requires_grad_()
            self.convolved.append(z)
            self.activated.append(activate(torch, name, z))
            if not case.get("forgets"):
                x = self.activated[-1]
        self.flat = x.detach().flatten(1)
        W, b = self.parameters[-1]
        self.output = (self.flat @ W + b).detach().requires_grad_()
        last = case.get("last", "Identity")
        if last == "Softmax":
            self.output = torch.softmax(self.output, 1)
        else:
            self.output = activate(torch, last, self.output)

    def _convolve(self, i):
        W, b = self.parameters[i]
        return self.torch.nn.functional.conv1d(self.inputs[i], W, b, self.case.strides[i])

    def results(self):
        """Return the results by name, in data-flow order."""
        loss = self._loss()
        delta = self._start(loss)
        found = {"output": self.output.detach().numpy(), "loss": loss.item()}
        batch = len(delta)
        W, _ = self.parameters[-1]
        found["linear_layer.dW"] = (self.flat.T @ delta / batch).detach().numpy()
        found["linear_layer.db"] = delta.mean(axis=0).detach().numpy()
        for i in range(len(self.inputs))[::-1]:  # of those that a wrong backward leaves out
            for kind, parameter in zip(("dW", "db"), self.parameters[i]):
                found["convolutional_layers[%d].%s" % (i, kind)] = np.zeros(parameter.shape)
        delta = (delta @ W.T).reshape(self.activated[-1].shape)
        order = list(range(len(self.inputs)))[::-1]
        activations = self.case.get("derivative_order", order)
        for i, activation in zip(self.case.get("convs", order), activations):
            if not self.case.get("derivative_last"):
                delta = delta * self._derivative(activation)
            dx, dW, db = self._gradients(i, delta)
            found["convolutional_layers[%d].dW" % i] = dW.numpy()
            found["convolutional_layers[%d].db" % i] = db.numpy()
            if self.case.get("passed_on", True):
                delta = dx
            if self.case.get("derivative_last"):
                delta = delta * self._derivative(activation)
        found["dx"] = delta.detach().numpy()
        return found

    def _loss(self):
        labels = self.torch.tensor(self.case.labels)
        if has_other_criterion(self.case):
            loss = ((self.output - labels) ** 2).sum() / 2
        else:
            loss = self.torch.nn.functional.cross_entropy(self.output, labels, reduction="sum")
        if self.case.get("divide_loss"):
            loss = loss / len(labels)
        return loss

    def _start(self, loss):
        """Return what backward starts from: the derivative with respect to the output."""
        start = self.case.get("start")
        if start == "output":
            return self.output.detach()
        if start == "softmax":
            return self.torch.softmax(self.output, 1).detach()
        derivative, = self.torch.autograd.grad(loss, self.output)
        if start == "averaged derivative":
            derivative = derivative / len(derivative)
        return derivative

    def _derivative(self, i):
        """Return the derivative of an activation at its output; 1 if i is None, or for Identity."""
        if i is None or self.case.activations[i] == "Identity":
            return 1.0
        x = self.convolved[i]
        y = self.activated[i]
        name = self.case.activations[i]
        kind = self.case.get("derivative_from")
        if kind == "output":
            return y.detach()
        if kind == "input" and name in ("Tanh", "Sigmoid"):
            x = x.detach()
            return 1 - x ** 2 if name == "Tanh" else x * (1 - x)
        slope, = self.torch.autograd.grad(y.sum(), x, retain_graph=True)
        return slope

    def _gradients(self, i, delta):
        """Return dx, dW and db of a convolution."""
        W, b = self.parameters[i]
        y = self._convolve(i)
        return self.torch.autograd.grad(y, (self.inputs[i], W, b), delta)


SECTION = Section("3.5", "Build a CNN model", 15, [CNNAttributes(), CNNPasses()])
