"""Section 3.5: the CNN in hw2/hw2.py, against the same network in torch."""
import contextlib

import numpy as np

from .case import Case, Check, cover
from .conv1d import leaf, wave
from .layers import ACTIVATIONS, activate, number, vector
from .network import Layer, changes, run

SIZES = ["input_width", "num_input_channels", "num_channels", "kernel_sizes", "strides",
         "num_linear_neurons", "activations"]
FIGURE_4 = dict(zip(SIZES, (128, 24, [56, 28, 14], [5, 6, 2], [1, 2, 2], 10,
                            ["Tanh", "ReLU", "Sigmoid"])))
SMALLEST = dict(zip(SIZES, (5, 1, [2], [2], [2], 2, ["Tanh"])))
EQUAL = dict(zip(SIZES, (4, 3, [3, 3, 3], [1, 1, 1], [1, 1, 1], 3, ["Tanh", "Tanh", "Tanh"])))
FACTORS = {"the number of convolutions": [1, 2, 3, 4, 5],
           "the batch size": [1, 2, 7],
           "the first activation": ACTIVATIONS,
           "the criterion": ["SoftmaxCrossEntropy", "not of this course"],
           "an earlier pass": ["none", "with other parameters", "with another x and labels"],
           "another network's pass before backward": ["none", "of the same sizes",
                                                      "of other sizes"]}


def draw_sizes(rng, depth, activation):
    """Return the constructor's sizes for this many convolutions, the first with this activation."""
    kernels = rng.integers(1, 5, depth).tolist()
    strides = rng.integers(1, 4 if depth < 4 else 3, depth).tolist()
    width = int(rng.integers(1, 6))  # of the last convolution's output
    for kernel, stride in zip(kernels[::-1], strides[::-1]):
        width = (width - 1) * stride + kernel + int(rng.integers(stride))
    in_channel, *channels = rng.integers(1, 10, depth + 1).tolist()
    return dict(zip(SIZES, (width, in_channel, channels, kernels, strides, int(rng.integers(2, 13)),
                            [activation, *rng.choice(ACTIVATIONS, depth - 1).tolist()])))


def shapes(sizes):
    """Return the shape of each layer's W."""
    width, channel, found = sizes["input_width"], sizes["num_input_channels"], []
    for out, kernel, stride in zip(*(sizes[name] for name in (
            "num_channels", "kernel_sizes", "strides"))):
        found.append((out, channel, kernel))
        width, channel = (width - kernel) // stride + 1, out
    return [*found, (channel * width, sizes["num_linear_neurons"])]


def cnn_case(rng, sizes, batch, levels=None):
    """Return a case with x, one-hot labels, and a (W, b) for each layer.

    `earlier`, arguments that differ in an earlier pass of the network, and `other`, the case of
    another network's pass, are empty here.
    """
    width, channel, *_, classes, _ = sizes.values()
    parameters = []
    for shape in shapes(sizes):  # the weights small enough not to saturate activations
        fan_in, out = (np.prod(shape[1:]), shape[0]) if len(shape) == 3 else shape
        W = rng.standard_normal(shape) * (1 if len(shape) == 3 else 2) / fan_in ** 0.5
        parameters.append((W, rng.standard_normal(out)))
    return Case(levels, earlier={}, other=None, sizes=sizes, parameters=parameters,
                x=rng.standard_normal((batch, channel, width)),
                labels=np.eye(classes)[rng.integers(classes, size=batch)])


class SumOfSquares:
    """The criterion sum((x - y) ** 2) / 2, which no hand-in has, to see that the given is used."""

    def forward(self, x, y):
        self.logits, self.labels, self.loss = x, y, ((x - y) ** 2).sum(axis=1) / 2
        return self.loss

    def derivative(self):
        return self.logits - self.labels

    __call__ = forward


def has_other_criterion(case):
    """Return whether a case's criterion is not of this course."""
    return case.levels.get("the criterion") == "not of this course"


def build(case, init_fns=(wave, wave, wave)):
    """Return the hand-in's CNN for a case."""
    import activation
    from hw2 import CNN
    from loss import SoftmaxCrossEntropy
    *sizes, names = case.sizes.values()
    criterion = SumOfSquares if has_other_criterion(case) else SoftmaxCrossEntropy
    activations = [getattr(activation, name)() for name in names]
    return CNN(*sizes, activations, *init_fns, criterion(), 0.25)


def layers(network):
    """Return the layers of the hand-in's CNN by their names in the report."""
    found = {"convolutional_layers[%d]" % i: conv
             for i, conv in enumerate(network.convolutional_layers)}
    return {**found, "linear_layer": network.linear_layer}


def forward(network, parameters, x):
    """Assign each layer's parameters and return the network's output."""
    for layer, (W, b) in zip(layers(network).values(), parameters):
        layer.W, layer.b = W, b if W.ndim == 3 else b.reshape(np.shape(layer.b))
    return network.forward(x)


def backward(network, labels):
    """Set the gradients to zero as zero_grads does, and return what backward returns."""
    for layer in layers(network).values():
        layer.dW.fill(0.0)
        layer.db.fill(0.0)
    return network.backward(labels)


def passes(torch, case, change=None, place=None, **replaced):
    """Return torch's results of a forward and a backward pass, in data-flow order.

    `change`, made at `place`, is one of network.changes or of OWN_CHANGES; `replaced`
    are other arguments of the case.
    """
    a = {**case.arguments, **replaced}
    sizes, x, labels = a["sizes"], leaf(torch, a["x"]), torch.tensor(a["labels"])
    names = ["convolutional_layers[%d]" % i for i in range(len(sizes["strides"]))]
    tensors = {name: (leaf(torch, W), leaf(torch, b)) for name, (W, b) in zip(
        [*names, "linear_layer"], a["parameters"])}
    convolutions = [Layer(name, *tensors[name], stride, activation) for name, stride, activation
                    in zip(names, sizes["strides"], sizes["activations"])]
    W, b = tensors["linear_layer"]
    output = run(torch, x, convolutions, change, place) @ W + b * (change != "no linear bias")
    if change == "softmax":
        output = torch.softmax(output, 1)
    elif change == "activation":
        output = activate(torch, sizes["activations"][-1], output)
    if has_other_criterion(case):
        loss = ((output - labels) ** 2).sum() / 2
    else:
        loss = torch.nn.functional.cross_entropy(output, labels, reduction="sum")
    if change == "averaged":
        loss = loss / len(x)
    starts = {"output": output, "only softmax": torch.softmax(output, 1)}
    if change in starts:
        output.backward(starts[change].detach())
    else:
        (loss / len(x) if change == "averaged derivative" else loss).backward()
    found = {"output": output.detach().numpy(), "loss": loss.item()}
    for name, pair in list(tensors.items())[::-1]:
        # The convolutions sum over the batch, the linear layer averages.
        batch = len(x) if name == "linear_layer" else 1
        for kind, tensor in zip(("dW", "db"), pair):
            gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
            found["%s.%s" % (name, kind)] = gradient.numpy() / batch
    return {**found, "dx": x.grad.numpy()}


OWN_CHANGES = {
    "no linear bias": "without the linear layer's bias",
    "softmax": "with a softmax on the output; the criterion has one already",
    "averaged": "with the loss, and its derivative, averaged over the batch",
    "averaged derivative": "with backward starting from a derivative averaged over the batch",
    "activation": "with the last activation after the linear layer too",
    "output": "with backward starting from the output, not from the criterion's derivative",
    "only softmax": "with backward starting from the softmax; subtract the labels",
}


class CNNAttributes(Check):
    """CNN(...) builds its convolutions and its linear layer, each with its own init function."""

    builds_on = ["ConvAttributes", "LinearLayer"]
    tolerance = 1e-8

    def cases(rng):
        yield Case(sizes=SMALLEST)
        for depth in 1, 2, 3, 5:
            yield Case(sizes=draw_sizes(rng, depth, "Tanh"))
        yield Case(sizes=FIGURE_4)

    def handin(case):
        init_fns = wave, lambda n: 2 + wave(n), lambda *shape: wave(*shape) ** 3
        network = build(case, init_fns)
        yield "nlayers", network.nlayers
        yield "lr", network.lr
        network.train_mode, network.criterion  # given in the starter
        yield "len(convolutional_layers)", len(network.convolutional_layers)
        for name, layer in layers(network).items():
            yield name + ".W", layer.W
            yield name + ".b", vector(layer.b)

    def expected(torch, case):
        depth = len(case.sizes["strides"])
        expected = {"nlayers": depth, "lr": 0.25, "len(convolutional_layers)": depth}
        for i, shape in enumerate(shapes(case.sizes)):
            name = "convolutional_layers[%d]" % i if i < depth else "linear_layer"
            expected[name + ".W"] = wave(*shape) ** (1 if i < depth else 3)
            expected[name + ".b"] = 2 + wave(shape[0] if i < depth else shape[1])
        return expected

    @classmethod
    def problem(check, name, expected, got):
        problem, linear = super().problem(name, expected, got), name.startswith("linear_layer")
        if not problem or not name.endswith((".W", ".b")):
            return problem
        if np.shape(got) == np.shape(expected):
            return "not what %s gives: is it passed to %s?" % (
                "bias_init_fn" if name.endswith("b") else "linear_weight_init_fn" if linear
                else "conv_weight_init_fn", "Linear" if linear else "Conv1D")
        return problem + linear * (
            ": num_channels[-1] * width, num_linear_neurons; each convolution makes the width"
            " (width - kernel_size) // stride + 1")


class CNNPasses(Check):
    """CNN gives the output, the summed loss, dx and all gradients; Figure 4 is the last case."""

    builds_on = ["CNNAttributes", "ConvForward", "ConvBackward", "FlattenLayer", "LinearLayer",
                 "Activations", "Loss"]
    tolerance = 1e-8

    def cases(rng):
        yield cnn_case(rng, SMALLEST, 2)
        for levels in cover(rng, FACTORS):
            depth, activation = (levels[name] for name in (
                "the number of convolutions", "the first activation"))
            sizes, batch = draw_sizes(rng, depth, activation), levels["the batch size"]
            case, other = (cnn_case(rng, sizes, batch, levels) for _ in range(2))
            changed = {"none": "", "with other parameters": ["parameters"],
                       "with another x and labels": ["x", "labels"]}[levels["an earlier pass"]]
            yield case.but(
                earlier={name: other.arguments[name] for name in changed},
                other={"none": None, "of the same sizes": other, "of other sizes": cnn_case(
                    rng, draw_sizes(rng, 1 + depth % 5, activation), 3, levels)}[
                        levels["another network's pass before backward"]])
        yield cnn_case(rng, EQUAL, 3)  # equal layers may share what they should not
        yield cnn_case(rng, FIGURE_4, 1)

    def handin(case):
        network = build(case)
        if case.earlier:
            a = case.but(**case.earlier)
            forward(network, a.parameters, a.x)
            backward(network, a.labels)
        yield "output", forward(network, case.parameters, case.x)
        if case.other:
            another = build(case.other)
            forward(another, case.other.parameters, case.other.x)
            backward(another, case.other.labels)
        dx = backward(network, case.labels)
        yield "loss", number(network.loss)
        for name, layer in layers(network).items():
            yield name + ".dW", layer.dW
            yield name + ".db", vector(layer.db)
        yield "dx", dx

    def expected(torch, case):
        return passes(torch, case)

    def mistakes(torch, case):
        right = passes(torch, case)

        def gives(change=None, place=None, **arguments):
            with contextlib.suppress(RuntimeError):  # it may not fit what comes after
                found = passes(torch, case, change, place, **arguments)
                if np.allclose(found["output"], right["output"]):
                    return found
                return {"output": found["output"]}  # backward may be right or wrong then
            return {}

        names, last = case.sizes["activations"], len(case.sizes["activations"]) - 1
        places = [(0, "the first convolution"), (last, "the last convolution"),
                  *((i, "convolution %d" % (i + 1)) for i in range(1, last))]
        named = [(i, Layer(name, case.parameters[i][0], None, case.sizes["strides"][i],
                           "activation")) for i, name in places]
        for change, place, words in [*((change, None, words) for change, words
                                       in OWN_CHANGES.items()), *changes(named)]:
            yield "your results are those of the network " + words, lambda: gives(change, place)
        yield "your results are those of the network with the first activation after every" \
            " convolution", lambda: {"output": passes(torch, case, sizes={
                **case.sizes, "activations": names[:1] * len(names)})["output"]}
        for name, value in case.earlier.items():
            yield "your results use the %s of an earlier pass" % name, lambda: gives(
                **{name: value})
