"""Sections 3.3 and 3.4: the two networks in hw2/mlp_scan.py, against the MLP on each window."""
import contextlib
import itertools

import numpy as np

from ..mlp_weights import DATA, distributed_weights, simple_weights
from .case import Case, Check
from .conv1d import SIZES
from .layers import vector
from .network import Layer, changes, run

NAMES = ["conv1", "conv2", "conv3"]
KINDS = {"a list": list, "a tuple": tuple,
         "an object array": lambda weights: np.array(weights, dtype=object)}  # the course's file


def scan_cases(rng, name, draws):
    """Yield a case of the course's sample, then cases of fresh weights.

    Parameters
    ----------
    name : {"simple", "distributed"}
    draws : dict
        Functions that draw weights, by what the report calls the weights.
    """
    fresh, *_ = draws.values()
    with np.load(DATA / (name + "_weights.npz")) as sample:
        yield Case(weights=list(sample.values()), x=np.load(DATA / "input.npy").T[np.newaxis],
                   other={"weights": fresh(), "x": rng.standard_normal((1, 24, 128))})
    for kind, numbers in itertools.product(KINDS, draws):
        yield Case({"the container of the weights": kind, "the type of the weights": numbers},
                   weights=KINDS[kind](draws[numbers]()), x=rng.standard_normal((1, 24, 128)))


def set_weights(network, weights, call="init_weights"):
    """Call init_weights; yield a remark on a convolution whose W is then wrong."""
    before = [np.copy(getattr(network, name).W) for name in NAMES]
    network.init_weights(weights)
    for name, old in zip(NAMES, before):
        conv = getattr(network, name)
        sizes = [getattr(conv, size, None) for size in SIZES]
        shape = sizes[1], sizes[0], sizes[2]
        if np.shape(conv.W) != shape:
            yield None, "after init_weights, %s.W has shape %s, but Conv1D(%s, %s, %s, %s) has W" \
                " of shape %s" % (name, np.shape(conv.W), *sizes, shape)
        elif np.array_equal(conv.W, old) and old.any():
            yield None, "%s leaves %s.W as it was" % (call, name)


def scan(torch, x, weights):
    """Return the MLP's outputs on each window of 8 vectors, stepping by 4: (4 * positions,)."""
    windows = torch.tensor(x)[0].unfold(1, 8, 4)  # (feature, position, time)
    y = windows.permute(1, 2, 0).flatten(1)  # a window in a row: time * 24 + feature
    for i, W in enumerate(weights):
        y = (torch.relu(y) if i else y) @ torch.tensor(np.nan_to_num(np.array(W, dtype=float)))
    return y.T.flatten().numpy()


def results(case, output_of):
    """Return the results of a case, given a function of x and the weights."""
    output = output_of(case.x, case.weights)
    if case.levels:
        return {"output": output}
    other = output_of(case.x, case.other["weights"])
    return {"output": output, "output for another x": output_of(case.other["x"], case.weights),
            # Without biases, twice a layer's weights is twice the output: ReLU(2 x) = 2 ReLU(x).
            **{"output for twice %s.W" % name: 2 * output for name in NAMES},
            "output of another network": other, "output for other weights": other}


class SimpleScan(Check):
    """CNN_SimpleScanningMLP gives what the MLP gives on every window of 8 vectors, stride 4."""

    builds_on = ["ConvForward", "FlattenLayer", "Activations"]
    network = "CNN_SimpleScanningMLP"
    sizes = (8, 24, 8, 4), (16, 8, 1, 1), (4, 16, 1, 1)  # (out, in, kernel, stride) of each layer

    def cases(rng):
        return scan_cases(rng, "simple", {
            "float": lambda: simple_weights(rng),
            "integer": lambda: [rng.choice([-1, 1], W.shape) for W in simple_weights(rng)]})

    @classmethod
    def handin(check, case):
        import mlp_scan
        network, other = (getattr(mlp_scan, check.network)() for _ in range(2))
        yield from set_weights(network, case.weights)
        for name in NAMES:
            yield name + ".W.shape", np.array(np.shape(getattr(network, name).W))
        output = network.forward(case.x)
        if np.any(output != output) and np.isnan(np.array(case.weights[0], dtype=float)).any():
            yield None, "your output has NaN: leave out the weights of absent connections"
        yield "output", vector(output)
        if case.levels:
            return
        output = np.copy(output)  # the next call may write to it
        yield from set_weights(other, case.other["weights"])
        yield "output for another x", vector(network.forward(case.other["x"]))
        for name in NAMES:
            conv = getattr(network, name)
            W, conv.W = conv.W, 2 * conv.W
            twice = network.forward(case.x)
            if np.any(output) and np.array_equal(twice, output):
                yield None, "your output does not depend on %s.W: does forward use it?" % name
            yield "output for twice %s.W" % name, vector(twice)
            conv.W = W
        yield "output of another network", vector(other.forward(case.x))
        yield from set_weights(network, case.other["weights"], "a second init_weights")
        yield "output for other weights", vector(network.forward(case.x))

    def expected(torch, case):
        return results(case, lambda x, weights: scan(torch, x, weights))

    @classmethod
    def mistakes(check, torch, case):
        def layers(weights):
            for i, ((out, channel, kernel, stride), W) in enumerate(zip(check.sizes, weights)):
                # The first rows and columns of a matrix have all its distinct weights.
                W = np.array(W[:kernel * channel, :out], dtype=float).T.reshape(
                    out, kernel, channel)
                yield Layer(NAMES[i], torch.tensor(W).transpose(1, 2),
                            torch.zeros(out, dtype=torch.float64), stride,
                            "ReLU" if i < 2 else "Identity")

        def gives():
            with torch.no_grad(), contextlib.suppress(RuntimeError):  # if shapes do not fit
                return results(case, lambda x, weights: run(
                    torch, torch.tensor(x), list(layers(weights)), change, place).numpy()[0])
            return {}

        for change, place, words in changes(list(enumerate(layers(case.weights)))):
            yield "your output is that of the network " + words, gives


class DistributedScan(SimpleScan):
    """CNN_DistributedScanningMLP gives what Figure 3's MLP gives, as in 3.3."""

    network = "CNN_DistributedScanningMLP"
    sizes = (2, 24, 2, 2), (8, 2, 2, 2), (4, 8, 2, 1)

    def cases(rng):
        return scan_cases(rng, "distributed", {
            "float with 0 for absent connections": lambda: distributed_weights(rng, 0.0),
            "float with NaN for absent connections": lambda: distributed_weights(rng, np.nan),
            "integer with 0 for absent connections": lambda: [
                np.rint(3 * W).astype(int) for W in distributed_weights(rng)]})

    def expected(torch, case):
        return {**SimpleScan.expected(torch, case), **{
            name + ".W.shape": size[:3] for name, size in zip(NAMES, DistributedScan.sizes)}}

    @classmethod
    def problem(check, name, expected, got):
        problem = super().problem(name, expected, got)
        if problem and name.endswith("shape"):
            return "%s has the wrong size. In Figure 3, how many" \
                " different neurons does layer %s have, and how many neighbors below does each" \
                " see?" % (name[:5], name[4])
        return problem
