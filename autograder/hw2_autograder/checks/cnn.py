"""Section 3.5: the CNN in hw2/hw2.py, against the same network in torch."""
import contextlib

import numpy as np

from ..compare import Either, Number, Row
from .check import Case, Check
from .conv1d import leaf, ramp
from .layers import ACTIVATIONS
from .network import Layer, changes, run
from .pairs import cover

FIGURE_4 = {"input_width": 128, "num_input_channels": 24, "num_channels": [56, 28, 14],
            "kernel_sizes": [5, 6, 2], "strides": [1, 2, 2], "num_linear_neurons": 10,
            "activations": ["Tanh", "ReLU", "Sigmoid"]}
DEPTH = 5
PLACES = ["activation %d" % i for i in range(1, DEPTH + 1)]
FACTORS = {"depth": [1, 2, 3, 4, 5], "batch": ["1", "2", "many"],
           "layers": ["narrow", "wide"], "classes": ["the course's", "others"],
           **{place: ["none", *ACTIVATIONS] for place in PLACES}}
FACTORS[PLACES[0]].remove("none")
EXCLUDED = [(("depth", depth), (place, activation))
            for depth in FACTORS["depth"] for i, place in enumerate(PLACES, 1)
            for activation in FACTORS[place] if (activation == "none") == (i <= depth)]
EXCLUDED += [((PLACES[i], "none"), (PLACES[j], activation))
             for i in range(DEPTH) for j in range(i + 1, DEPTH)
             for activation in FACTORS[PLACES[j]] if activation != "none"]


def draw_shape(rng, levels):
    """The constructor's sizes for these levels."""
    depth, wide = levels["depth"], levels["layers"] == "wide"
    kernels = rng.integers(1, 5, depth).tolist()
    strides = rng.integers(1, 4 if depth < 4 else 3, depth).tolist()
    width = int(rng.integers(1, 6))  # of the last layer's output
    for kernel, stride in zip(kernels[::-1], strides[::-1]):
        width = (width - 1) * stride + kernel + int(rng.integers(stride))
    channels = rng.integers(*((5, 10) if wide else (1, 5)), depth + 1).tolist()
    return {"input_width": width, "num_input_channels": channels[0],
            "num_channels": channels[1:], "kernel_sizes": kernels, "strides": strides,
            "num_linear_neurons": int(rng.integers(2, 13)),
            "activations": [levels[place] for place in PLACES[:depth]]}


TWINS = {"input_width": 9, "num_input_channels": 3, "num_channels": [3, 3, 3],
         "kernel_sizes": [2, 2, 2], "strides": [1, 1, 1], "num_linear_neurons": 3,
         "activations": ["Tanh", "Sigmoid", "Identity"]}  # equal layers, for what they may share


def draw_parameters(rng, shape):
    """A (W, b) for each convolution and the linear layer, of a size that saturates nothing."""
    parameters, channel, width = [], shape["num_input_channels"], shape["input_width"]
    for out, kernel, stride in zip(shape["num_channels"], shape["kernel_sizes"],
                                   shape["strides"]):
        W = rng.standard_normal((out, channel, kernel)) / (channel * kernel) ** 0.5
        parameters.append((W, 0.5 * rng.standard_normal(out)))
        channel, width = out, (width - kernel) // stride + 1
    W = rng.standard_normal((channel * width, shape["num_linear_neurons"]))
    parameters.append((2 * W / (channel * width) ** 0.5,
                       rng.standard_normal(shape["num_linear_neurons"])))
    return parameters


def draw_batch(rng, shape, batch):
    """Inputs and one-hot labels."""
    x = rng.standard_normal((batch, shape["num_input_channels"], shape["input_width"]))
    classes = shape["num_linear_neurons"]
    return x, np.eye(classes)[rng.integers(classes, size=batch)]


def cnn_case(rng, shape, batch, criterion="softmax"):
    """A case with numbers for a network of this shape."""
    x, labels = draw_batch(rng, shape, batch)
    return Case(shape=shape, criterion=criterion, parameters=draw_parameters(rng, shape), x=x,
                labels=labels)


# Two classes that no hand-in has, to see that the given ones are used.

class Softsign:
    """An activation: x / (1 + |x|)."""

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        self.state = x / (1 + np.abs(x))
        return self.state

    def derivative(self):
        return (1 - np.abs(self.state)) ** 2

    def backward(self, delta):
        return delta * self.derivative()


class SumOfSquares:
    """A criterion: half the sum of the squared differences."""

    def __call__(self, x, y):
        return self.forward(x, y)

    def forward(self, x, y):
        self.logits, self.labels = x, y
        self.loss = ((x - y) ** 2).sum(axis=1) / 2
        return self.loss

    def derivative(self):
        return self.logits - self.labels


def build(case, lr=0.1, init_fns=(ramp, ramp, ramp)):
    """The hand-in's CNN for a case."""
    import activation
    from hw2 import CNN
    from loss import SoftmaxCrossEntropy
    shape = case.shape
    shape["activations"] = [Softsign() if name == "Softsign" else getattr(activation, name)()
                            for name in shape["activations"]]
    criterion = SoftmaxCrossEntropy() if case.criterion == "softmax" else SumOfSquares()
    return CNN(*shape.values(), *init_fns, criterion, lr)


def layers(network):
    """Each layer of the hand-in's CNN with its name in the report."""
    for i, conv in enumerate(network.convolutional_layers):
        yield "convolutional_layers[%d]" % i, conv
    yield "linear_layer", network.linear_layer


def set_parameters(network, parameters):
    """Assign weights, and biases in the shape that the hand-in keeps them in."""
    for (_, layer), (W, b) in zip(layers(network), parameters):
        layer.W, layer.b = W, b.reshape(np.shape(layer.b))


def results(network, x, labels, suffix=""):
    """The hand-in's results of a forward and a backward pass."""
    yield "logits" + suffix, network.forward(x)
    dx = network.backward(labels)
    yield "loss" + suffix, network.loss
    for name, layer in reversed(list(layers(network))):
        yield name + ".dW" + suffix, layer.dW
        yield name + ".db" + suffix, layer.db
    yield "dx" + suffix, dx


def passes(torch, case, x, labels, change=None, place=None, parameters=None):
    """Torch's results of a forward and a backward pass, in the order of the data's way."""
    shape = case.shape
    tensors = [(leaf(torch, W), leaf(torch, b)) for W, b in parameters or case.parameters]
    names = ["convolutional_layers[%d]" % i for i in range(len(tensors) - 1)] + ["linear_layer"]
    network = [Layer(name, W, b, stride, activation) for name, (W, b), stride, activation in zip(
        names, tensors, shape["strides"], shape["activations"])]
    x, labels = leaf(torch, x), torch.tensor(labels)
    features = run(torch, x, network, change, place)
    W, b = tensors[-1]
    logits = features @ W + (0 * b if change == "no linear bias" else b)
    if change == "softmax":
        logits = torch.softmax(logits, 1)
    if case.criterion == "softmax":
        loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
    else:
        loss = ((logits - labels) ** 2).sum() / 2
    if change == "loss averaged":
        loss = loss / len(x)
    if change in DELTAS:
        (logits * DELTAS[change](torch, logits, labels).detach()).sum().backward()
    else:
        loss.backward()
    found = {"logits": logits.detach().numpy(), "loss": loss.item()}
    for name, pair in reversed(list(zip(names, tensors))):
        # The convolutions sum over the batch, the linear layer averages.
        batch = len(x) if name == "linear_layer" else 1
        found[name + ".dW"], found[name + ".db"] = [
            (0 * t.detach() if t.grad is None else t.grad).numpy() / batch for t in pair]
    return {**found, "dx": x.grad.numpy()}


DELTAS = {  # what a student may take for the criterion's derivative
    "the softmax, without the labels": lambda torch, logits, labels: torch.softmax(logits, 1),
    "the logits": lambda torch, logits, labels: logits,
    "the logits less the labels": lambda torch, logits, labels: logits - labels,
    "the labels less the softmax": lambda torch, logits, labels: labels - torch.softmax(logits, 1),
    "the labels": lambda torch, logits, labels: labels,
    "ones": lambda torch, logits, labels: torch.ones_like(logits),
}
OWN_CHANGES = [
    ("no linear bias", None, "without the linear layer's bias"),
    ("softmax", None, "with a softmax on the logits, which the criterion has already"),
    ("loss averaged", None, "where the loss is averaged over the batch, and its derivative too"),
    *[(delta, None, "where backward starts from %s in place of the criterion's derivative" % delta)
      for delta in DELTAS],
]


def expect(found, suffix="", before=None):
    """The results as they are to be compared, gradients new or added to those before."""
    expected = {}
    for name, value in found.items():
        if name == "loss":
            value = Number(value)
        elif before and name.endswith((".dW", ".db")):
            value = Either(*[Row(v) if v.ndim == 1 else v for v in (value, before[name] + value)])
        elif name.endswith(".db"):
            value = Row(value)
        expected[name + suffix] = value
    return expected


def wrong_networks(torch, case):
    """(sentence, results) for each change of the network."""
    named = [Layer("convolution %d" % (i + 1), W, None, stride, activation)
             for i, ((W, _), stride, activation) in enumerate(zip(
                 case.parameters, case.shape["strides"], case.shape["activations"]))]
    for change, place, sentence in OWN_CHANGES + changes(named):
        with contextlib.suppress(RuntimeError):  # it may not fit what comes after
            found = passes(torch, case, case.x, case.labels, change, place)
            yield "your result is what the network gives " + sentence, expect(found)
    names = case.shape["activations"]
    for words, others in (("the first activation after every convolution", names[:1] * len(names)),
                          ("the last activation after every convolution", names[-1:] * len(names)),
                          ("the activations in reversed order", names[::-1])):
        found = passes(torch, case.but(shape={**case.shape, "activations": others}), case.x,
                       case.labels)
        yield "your result is what the network gives with " + words, expect(found)


class CNNAttributes(Check):
    """CNN(...) builds its convolutions and its linear layer, each with its own init function."""

    builds_on = ["ConvAttributes", "LinearLayer"]
    tolerance = 1e-8
    needs_torch = False

    def cases(rng):
        yield cnn_case(rng, FIGURE_4, 1)
        for depth in 1, 2, 3, 5:
            levels = {"depth": depth, "layers": "narrow", **dict.fromkeys(PLACES, "Tanh")}
            yield cnn_case(rng, draw_shape(rng, levels), 1)

    def handin(case):
        network = build(case, 0.25, (ramp, lambda n: 2 + ramp(n), lambda *shape: ramp(*shape) ** 3))
        twins = Case(shape=TWINS, criterion="softmax")
        drawn = [str(np.ravel(array).tolist()) for _ in range(2)
                 for _, layer in layers(build(twins, init_fns=[np.random.randn] * 3))
                 for array in (layer.W, layer.b)]
        yield "W and b that are not another layer's too", len(set(drawn))
        yield "nlayers", network.nlayers
        yield "lr", network.lr
        yield "number of convolutional_layers", len(network.convolutional_layers)
        yield "number of activations", len(network.activations)
        for name, layer in layers(network):
            yield name + ".W", layer.W
            yield name + ".b", layer.b
        for i, conv in enumerate(network.convolutional_layers):
            yield "convolutional_layers[%d].stride" % i, conv.stride
        for name in "train_mode", "criterion":
            yield "has " + name, hasattr(network, name)

    def expected(torch, case):
        depth, shape = len(case.shape["strides"]), case.shape
        expected = {"nlayers": depth, "lr": Number(0.25), "number of convolutional_layers": depth,
                    "number of activations": depth, "has train_mode": True,
                    "has criterion": True,
                    "W and b that are not another layer's too": 4 * len(TWINS["strides"]) + 4}
        for i, (W, b) in enumerate(case.parameters):
            name = "convolutional_layers[%d]" % i if i < depth else "linear_layer"
            expected[name + ".W"] = ramp(*W.shape) ** (1 if i < depth else 3)
            expected[name + ".b"] = Row(2 + ramp(*b.shape))
            if i < depth:
                expected[name + ".stride"] = shape["strides"][i]
        return expected

    def mistakes(torch, case):
        yield "your linear_layer.W is not what linear_weight_init_fn gives", {
            "linear_layer.W": ramp(*case.parameters[-1][0].shape)}
        shape = case.shape
        channels, kernels, strides = (shape[n] for n in ("num_channels", "kernel_sizes", "strides"))
        formulas = {
            "rounds up where it is to round down": lambda w, k, s: -(-(w - k) // s) + 1,
            "lacks the strides": lambda w, k, s: w - k + 1,
            "lacks a position of each convolution": lambda w, k, s: (w - k) // s,
            "lacks the kernels": lambda w, k, s: w // s,
            "lacks the kernels and rounds up": lambda w, k, s: -(-w // s)}
        counts = {}
        for words, formula in formulas.items():
            width = shape["input_width"]
            for kernel, stride in zip(kernels, strides):
                width = formula(width, kernel, stride)
            counts[words] = width * channels[-1]
        right, classes = len(case.parameters[-1][0]), shape["num_linear_neurons"]
        last = (shape["input_width"] - kernels[-1]) // strides[-1] + 1
        counts.update({
            "counts the channels alone": channels[-1],
            "counts the positions alone": right // channels[-1],
            "takes the channels of the input": right // channels[-1] * shape["num_input_channels"],
            "takes the channels of the first convolution": right // channels[-1] * channels[0],
            "takes the input's width": channels[-1] * shape["input_width"],
            "follows the last convolution alone": channels[-1] * last,
            "is that of Figure 4": 420})
        for words, count in counts.items():
            if count > 0:
                yield "the number of inputs of your linear layer " + words, {
                    "linear_layer.W": ramp(count, classes) ** 3}


class CNNFigure4(Check):
    """CNN of Figure 4: logits, the summed loss, the input's derivative and all gradients."""

    builds_on = ["ConvForward", "ConvBackward", "FlattenLayer", "LinearLayer", "Activations",
                 "Loss"]
    tolerance = 1e-8

    def cases(rng):
        yield cnn_case(rng, FIGURE_4, 2)

    def handin(case):
        network = build(case)
        set_parameters(network, case.parameters)
        return results(network, case.x, case.labels)

    def expected(torch, case):
        return expect(passes(torch, case, case.x, case.labels))

    def mistakes(torch, case):
        return wrong_networks(torch, case)


class CNNPasses(CNNFigure4):
    """CNN of other depths, widths, batch sizes, activations and criteria: the same results."""

    builds_on = ["CNNAttributes", "CNNFigure4", *CNNFigure4.builds_on]

    def cases(rng):
        for levels in cover(rng, FACTORS, EXCLUDED):
            batch = {"1": 1, "2": 2}.get(levels["batch"]) or int(rng.integers(5, 9))
            shape, criterion = draw_shape(rng, levels), "softmax"
            if levels["classes"] == "others":
                shape["activations"][rng.integers(levels["depth"])] = "Softsign"
                criterion = "squares"
            yield cnn_case(rng, shape, batch, criterion)
        yield cnn_case(rng, TWINS, 3)


class CNNPassesAgain(Check):
    """CNN again: a pass depends on its own network, x, labels and weights; dW, db new or added."""

    builds_on = ["CNNPasses", "ConvForwardAgain", "ConvBackwardAgain", *CNNPasses.builds_on]
    tolerance = 1e-8

    def cases(rng):
        for names, batch, criterion in (
                (["Sigmoid"], 3, "softmax"), (["Tanh", "ReLU"], 1, "squares"), (None, 3, "softmax"),
                (["Identity", "ReLU", "Sigmoid", "Tanh", "Identity"], 2, "softmax")):
            levels = {"depth": len(names or TWINS["strides"]), "layers": "wide",
                      **dict(zip(PLACES, names or TWINS["activations"]))}
            case = cnn_case(rng, draw_shape(rng, levels) if names else TWINS, batch, criterion)
            other_x, other_labels = draw_batch(rng, case.shape, batch)
            third_x, third_labels = draw_batch(rng, case.shape, batch + 1)
            stranger = cnn_case(rng, draw_shape(rng, {**levels, "depth": 1} if names is None else {
                "depth": 3, "layers": "narrow", **dict.fromkeys(PLACES, "Tanh")}), batch + 2,
                                "squares" if criterion == "softmax" else "softmax")
            yield case.but(other_x=other_x, other_labels=other_labels, third_x=third_x,
                           third_labels=third_labels, other=draw_parameters(rng, case.shape),
                           other_network=stranger)

    def handin(case):
        network, twin, stranger = build(case), build(case), build(case.other_network)
        set_parameters(network, case.parameters)
        set_parameters(twin, case.other)
        set_parameters(stranger, case.other_network.parameters)
        network.forward(case.third_x)
        network.forward(case.other_x)
        network.backward(case.other_labels)
        network.forward(case.other_x)
        stranger.forward(case.other_network.x)
        twin.forward(case.third_x)
        yield from results(network, case.x, case.labels)
        for words, other, labels in ((" of a network of other sizes", stranger,
                                      case.other_network.labels),
                                     (" of a network of the same sizes", twin, case.third_labels)):
            yield "dx" + words, other.backward(labels)
            yield "loss" + words, other.loss
            for name, layer in layers(other):
                yield name + ".dW" + words, layer.dW
        yield "loss" + AFTER, network.loss
        for name, layer in layers(network):
            yield name + ".dW" + AFTER, layer.dW
            yield name + ".db" + AFTER, layer.db
            layer.dW.fill(0.0)
            layer.db.fill(0.0)
        yield from results(network, case.x, case.labels, " after zeros as zero_grads does")
        for words, parameters in changed_parameters(case):
            for (_, layer), (W, b) in zip(layers(network), parameters):
                b = b.reshape(np.shape(layer.b))
                if "biases" in words:
                    layer.b = b
                elif "weights" in words:
                    layer.W = W
                else:
                    layer.W[...], layer.b[...] = W, b
            yield "logits" + words, network.forward(case.third_x)
            yield "dx" + words, network.backward(case.third_labels)
            yield "loss" + words, network.loss

    def expected(torch, case):
        before = passes(torch, case, case.other_x, case.other_labels)
        right = passes(torch, case, case.x, case.labels)
        twin = passes(torch, case, case.third_x, case.third_labels, parameters=case.other)
        stranger = case.other_network
        stranger = passes(torch, stranger, stranger.x, stranger.labels)
        either = expect(right, before=before)
        found = {**either, **expect(right, " after zeros as zero_grads does")}
        for words, other in ((" of a network of other sizes", stranger),
                             (" of a network of the same sizes", twin)):
            found.update(expect({name: value for name, value in other.items()
                                 if name.endswith((".dW", "dx", "loss"))}, words))
        found.update({name + AFTER: value for name, value in either.items()
                      if name.endswith((".dW", ".db", "loss"))})
        for words, parameters in changed_parameters(case):
            third = passes(torch, case, case.third_x, case.third_labels, parameters=parameters)
            found.update(expect({n: third[n] for n in ("logits", "dx", "loss")}, words))
        return found

    def mistakes(torch, case):
        before = passes(torch, case, case.other_x, case.other_labels)
        right = passes(torch, case, case.x, case.labels)
        for name in right:
            yield "your %s is that of the pass before" % name, {name: before[name]}
            yield "your %s is added to that of the pass before" % name, {
                name: right[name] + before[name]}
        parameters = case.parameters
        for words, changed in changed_parameters(case):
            third = passes(torch, case, case.third_x, case.third_labels, parameters=parameters)
            for name in "logits", "dx", "loss":
                yield "your %s%s still uses old ones" % (name, words), {name + words: third[name]}
            parameters = changed


AFTER = " after another network's backward"


def changed_parameters(case):
    """(words, parameters) of a network whose biases change, then its weights, then both."""
    yield " with new biases", [(W, b) for (W, _), (_, b) in zip(case.parameters, case.other)]
    yield " with new weights", case.other
    yield " with parameters changed in place", case.parameters
