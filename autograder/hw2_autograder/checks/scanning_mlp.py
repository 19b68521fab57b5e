"""Sections 3.3 and 3.4: the two networks in hw2/mlp_scan.py, against the MLP on each window."""
import base64
import contextlib
import json

import numpy as np

from ..compare import Hidden, Row
from ..mlp_weights import DATA, distributed_weights, simple_weights
from .check import Case, Check
from .network import Layer, changes, run

# (out, in, kernel, stride) of each convolution, in base64: whoever looks up what a check does is
# not to read here what the student is asked to find.
SIMPLE, DISTRIBUTED = (json.loads(base64.b64decode(sizes)) for sizes in (
    "W1s4LDI0LDgsNF0sWzE2LDgsMSwxXSxbNCwxNiwxLDFdXQ==",
    "W1syLDI0LDIsMl0sWzgsMiwyLDJdLFs0LDgsMiwxXV0="))


def sample(name):
    """The sample weights and input that ship with the autograder."""
    with np.load(DATA / name) as weights:
        return {"weights": [weights[key] for key in weights.files],
                "x": np.load(DATA / "input.npy").T[np.newaxis].copy()}


def as_objects(weights):
    """The matrices as an object array, as the course's files hold them."""
    array = np.empty(len(weights), dtype=object)
    array[:] = weights
    return array


def integers(weights):
    """Matrices of integers with the same structure."""
    return [np.rint(3 * W).astype(np.int64) for W in weights]


def mlp(torch, x, weights):
    """The MLP on rows x: ReLU between its layers, biases zero."""
    for i, W in enumerate(weights):
        x = (torch.relu(x) if i else x) @ W
    return x


def scan(torch, x, weights):
    """The MLP on each window of 8 vectors, stepping by 4: (batch, 4 * positions)."""
    weights = [torch.nan_to_num(torch.tensor(np.array(W, dtype=float)), nan=0.0) for W in weights]
    starts = range(0, x.shape[2] - 8 + 1, 4)
    # A window's vectors follow each other in time: row = time * 24 + feature.
    outputs = [mlp(torch, x[:, :, t:t + 8].transpose(1, 2).flatten(1), weights) for t in starts]
    return torch.stack(outputs, dim=2).flatten(1)


def use(network, other, case):
    """The results of one of the scanners, and of another of its kind."""
    network.init_weights(case.weights)
    other.init_weights(case.other_weights)
    yield "output", network.forward(case.x)
    transposed = case.other_x.swapaxes(1, 2).copy().swapaxes(1, 2)
    yield "output for another x", network.forward(transposed)
    for name in "conv1", "conv2", "conv3":
        yield name + ".W.shape", np.shape(getattr(network, name).W)
    for name in case.doubled:
        conv = getattr(network, name)
        W = conv.W
        conv.W = 2 * W
        yield "output with %s.W doubled" % name, network.forward(case.x)
        conv.W = W
    yield "output of another network", other.forward(case.x)
    network.init_weights(case.other_weights)
    yield "output with other weights", network.forward(case.x)


def draw_case(rng, draw, kind, sample_name=None, other=None):
    """A case of weights, of this kind or the sample, and of others to be set after them."""
    case = Case(weights=kind(draw()), other_weights=kind((other or draw)()),
                x=rng.standard_normal((1, 24, 128)), other_x=rng.standard_normal((1, 24, 128)),
                doubled=["conv1", "conv2", "conv3"][:3 if sample_name else 0])
    return case.but(**sample(sample_name)) if sample_name else case


def fortran(weights):
    """The matrices in Fortran's order."""
    return [np.asfortranarray(W) for W in weights]


def results(torch, case):
    """Torch's results for a case."""
    output = scan(torch, torch.tensor(case.x), case.weights).numpy()[0]
    other = scan(torch, torch.tensor(case.x), case.other_weights).numpy()[0]
    another = scan(torch, torch.tensor(case.other_x), case.weights).numpy()[0]
    # Without biases, twice a layer's weights is twice the output: ReLU(2 x) = 2 ReLU(x).
    found = {"output": output, "output for another x": another, "output of another network": other,
             "output with other weights": other,
             **{"output with %s.W doubled" % name: 2 * output for name in case.doubled}}
    return {name: Row(value) for name, value in found.items()}


def wrong_networks(torch, case, sizes):
    """(sentence, results) for each change of the network of these convolutions."""
    weights = [np.nan_to_num(np.array(W, dtype=float)) for W in case.weights]
    layers = []
    for i, ((out, channel, kernel, stride), matrix) in enumerate(zip(sizes, weights), 1):
        W = np.empty((out, channel, kernel))
        for (o, c, k), _ in np.ndenumerate(W):
            W[o, c, k] = matrix[k * channel + c, o]
        layers.append(Layer("conv%d" % i, torch.tensor(W), torch.zeros(out, dtype=torch.float64),
                            stride, "ReLU" if i < 3 else "Identity"))
    x = torch.tensor(case.x)
    for change, place, sentence in changes(layers):
        with torch.no_grad(), contextlib.suppress(RuntimeError):  # it may not fit what comes after
            yield "your output is what the network gives " + sentence, {
                "output": run(torch, x, layers, change, place).numpy()[0]}


class SimpleScan(Check):
    """CNN_SimpleScanningMLP gives what the MLP gives on each 8 vectors, stepping by 4."""

    builds_on = ["ConvForward", "ConvForwardAgain", "FlattenLayer", "Activations"]

    def cases(rng):
        def signs():  # as in the course's file
            return [rng.choice([-1, 1], W.shape) for W in simple_weights(rng)]

        def fresh():
            return simple_weights(rng)

        yield draw_case(rng, fresh, list, "simple_weights.npz")
        for kind in tuple, as_objects, fortran:
            yield draw_case(rng, fresh, kind)
        for kind in list, tuple, as_objects:
            yield draw_case(rng, signs, kind, other=fresh)

    def handin(case):
        from mlp_scan import CNN_SimpleScanningMLP
        for name, result in use(CNN_SimpleScanningMLP(), CNN_SimpleScanningMLP(), case):
            if not name.endswith("W.shape"):
                yield name, result

    def expected(torch, case):
        return results(torch, case)

    def mistakes(torch, case):
        return wrong_networks(torch, case, SIMPLE)


class DistributedScan(Check):
    """CNN_DistributedScanningMLP gives what Figure 3's MLP gives on each 8 vectors, step 4."""

    builds_on = ["ConvForward", "ConvForwardAgain", "FlattenLayer", "Activations"]

    def cases(rng):
        def zeros():
            return distributed_weights(rng, 0.0)

        def nan():  # as in the course's file
            return distributed_weights(rng, np.nan)

        yield draw_case(rng, nan, list, "distributed_weights.npz")
        for kind in list, tuple, as_objects:
            yield draw_case(rng, zeros, kind)
        for kind in tuple, as_objects, fortran:
            yield draw_case(rng, nan, kind)
        for kind in list, tuple, as_objects:
            yield draw_case(rng, lambda: integers(zeros()), kind, other=zeros)

    def handin(case):
        from mlp_scan import CNN_DistributedScanningMLP
        return use(CNN_DistributedScanningMLP(), CNN_DistributedScanningMLP(), case)

    def expected(torch, case):
        shapes = {"conv%d.W.shape" % i: Hidden(
            tuple(size[:3]), "conv%d has not the size of the distinct neurons: how many different"
            " ones does Figure 3 have in layer %d, and how many neighbours below does each see?"
            % (i, i))
            for i, size in enumerate(DISTRIBUTED, 1)}
        return {**results(torch, case), **shapes}

    def mistakes(torch, case):
        return wrong_networks(torch, case, DISTRIBUTED)
