"""What sections 3.3 and 3.4 share: a network of three convolutions that scans like an MLP."""
import itertools
from pathlib import Path

import numpy as np

from ...check import Case, Check, Mistake, NotWritten
from ...results import is_array
from .conv1d import SIZES
from .values import activate, equals, vector

DATA = Path(__file__).resolve().parents[2] / "data"  # the sample weights and the sample input
NAMES = ["conv1", "conv2", "conv3"]
ACTIVATIONS = {"conv1": "ReLU", "conv2": "ReLU", "conv3": "Identity"}


LAYERS = "Conv1D, ReLU, Conv1D, ReLU, Conv1D, Flatten"  # the classes of a network's layers
POSITIONS = 31  # of the MLP on the input


def object_array(weights):
    """Return matrices as the course's file has them."""
    return np.array(weights, dtype=object)


CONTAINERS = {"a list": list, "a tuple": tuple, "an object array": object_array}


def ways_to_fill(block, out, channel, kernel):
    """Yield (W, words): the right W of a block of the MLP's matrix, with None, then wrong ones.

    Parameters
    ----------
    block : ndarray of shape (kernel * channel, out)
    """
    right = block.T.reshape(out, kernel, channel).transpose(0, 2, 1)
    yield right, None
    yield right[:, :, ::-1], "with the taps of %s in reversed order"
    yield block.T.reshape(out, channel, kernel), "with the rows of the matrix for %s read as" \
        " channel by time; they are time by channel"
    yield block.reshape(out, kernel, channel).transpose(0, 2, 1), "with the matrix for %s" \
        " reshaped before it is transposed"
    yield block.reshape(out, channel, kernel), "with the matrix for %s reshaped and never" \
        " transposed"
    yield np.trunc(right), "with the weights of %s cut to integers"


def has_sample_weights(case):
    """Return whether a case has the course's weights, not random ones in other containers."""
    return not case.levels


class Scan(Check):
    """Base class of the two checks."""

    file = "hw2/mlp_scan.py"
    builds_on = ("ConvForward", "FlattenLayer.output", "ReLU.output")
    network = None  # the class's name
    sizes = {}  # (in_channel, out_channel, kernel_size, stride) of each convolution
    widths = ()  # of what conv1 and conv2 give

    @property
    def methods(self):
        return (self.network + ".__init__", self.network + ".init_weights")

    def scan_cases(self, rng, sample, draws):
        """Yield a case of the course's sample, then cases of fresh weights.

        Parameters
        ----------
        sample : str
            The name of a file in data/.
        draws : dict
            Functions that draw weights, by what the report calls the weights.
        """
        draw, *_ = draws.values()

        def fresh(weights, levels=None):
            return Case(levels, weights=weights, x=rng.standard_normal((1, 24, 128)))

        with np.load(DATA / sample) as weights:
            yield Case(earlier=fresh(draw()), other=fresh(draw()), weights=list(weights.values()),
                       x=np.load(DATA / "input.npy").T[np.newaxis])
        for container, numbers in itertools.product(CONTAINERS, draws):
            yield fresh(CONTAINERS[container](draws[numbers]()),
                        {"the container of the weights": container,
                         "the type of the weights": numbers})

    def make(self, case):
        import mlp_scan
        network = getattr(mlp_scan, self.network)()
        for name in "layers", *NAMES:
            if not getattr(network, name):
                raise NotWritten(self.network + ".__init__")
        return network

    def begin(self, network, case):
        before = {name: np.copy(getattr(network, name).W) for name in NAMES}
        network.init_weights(case.weights)
        for name in NAMES:
            conv = getattr(network, name)
            yield "shape of %s.W" % name, np.array(np.shape(conv.W))
            sizes = [getattr(conv, size, None) for size in SIZES]
            if all(isinstance(size, (int, np.integer)) for size in sizes):
                yield "sizes of " + name, np.array(sizes)
            yield name + ".W before", before[name]
            yield name + ".W", np.copy(conv.W)
            yield name + ".b", np.copy(conv.b)
        yield "layers", ", ".join(type(layer).__name__ for layer in network.layers)

    def end(self, network, case):
        yield "output", vector(network.forward(case.x))
        for i, layer in enumerate(network.layers):
            if hasattr(layer, "state"):
                yield "layers[%d].state" % i, layer.state
        for name in NAMES if has_sample_weights(case) else ():
            conv = getattr(network, name)
            W = conv.W
            conv.W = 2 * W
            yield "output with %s.W doubled" % name, vector(network.forward(case.x))
            conv.W = W

    def expected(self, torch, case):
        if any(name.startswith("conv") for name in case.arguments):  # of a Mistake
            output = self.network_output(torch, case)
        else:
            output = mlp_output(torch, case)
        results = {"output": output}
        for name in NAMES if has_sample_weights(case) else ():
            # Without biases, twice a layer's weights is twice the output: ReLU(2 x) = 2 ReLU(x).
            results["output with %s.W doubled" % name] = 2 * output
        return results

    def weights(self, case, name):
        """Yield W of a convolution as `ways_to_fill` does."""
        channel, out, kernel, _ = self.sizes[name]
        matrix = np.array(case.weights[NAMES.index(name)], dtype=float)
        # The first rows and columns of a matrix have all its distinct weights.
        return ways_to_fill(matrix[:kernel * channel, :out], out, channel, kernel)

    def right_weights(self, case, name):
        """Return the right W of a convolution."""
        W, _ = next(self.weights(case, name))
        return W

    def network_output(self, torch, case):
        """Return the network's output: (4 * positions,).

        Where the case has them, conv1_W, conv1_stride and conv1_activation replace the right ones.
        """
        x = torch.tensor(case.x)
        for name in NAMES:
            W = case.get(name + "_W", self.right_weights(case, name))
            W = torch.tensor(np.array(W))
            stride = case.get(name + "_stride", self.sizes[name][3])
            x = torch.nn.functional.conv1d(x, W, stride=stride)
            x = activate(torch, case.get(name + "_activation", ACTIVATIONS[name]), x)
        return x.flatten().numpy()

    def mistakes(self, torch, case):
        right = mlp_output(torch, case)
        by_position = right.reshape(4, -1).T.flatten()
        yield Mistake("your output", "is flattened position by position; it should be channel by"
                      " channel", results={"output": by_position})
        yield from self._activations()
        for name in NAMES:
            yield from self._strides(name)
        yield from self._arrangements(case)

    def _activations(self):
        for name in "conv1", "conv2":
            yield of_network("without the ReLU after " + name, {name + "_activation": "Identity"})
        yield of_network("without any ReLU",
                         {"conv1_activation": "Identity", "conv2_activation": "Identity"})
        yield of_network("with a ReLU after conv3", {"conv3_activation": "ReLU"})

    def _strides(self, name):
        sizes = np.array(self.sizes[name])
        kernel, right = sizes[2:]
        for stride in sorted({1, kernel, 2 * right, right // 2} - {0, right}):
            sizes[3] = stride
            yield of_network("with a stride of %d in %s" % (stride, name),
                             {name + "_stride": int(stride)}, {"sizes of " + name: sizes.copy()})

    def _arrangements(self, case):
        """Yield mistakes in each convolution's W, then the same ones in one convolution's."""
        found = {}  # the wrong W of each convolution, by what is wrong
        for name in NAMES:
            known = []
            for W, words in self.weights(case, name):
                if not any(np.array_equal(W, other) for other in known):
                    known.append(W)
                    found.setdefault(words, {})[name] = W
        del found[None]  # the right ones
        for words, wrong in found.items():
            if len(wrong) > 1:
                yield self._arrangement(words % "each convolution", wrong)
        for words, wrong in found.items():
            for name, W in wrong.items():
                yield self._arrangement(words % name, {name: W})

    def _arrangement(self, words, wrong):
        """Return the mistake of these W by convolution."""
        changes = {name + "_W": W for name, W in wrong.items()}
        results = {name + ".W": W for name, W in wrong.items()}
        return of_network(words, changes, results)

    def signs(self, torch, case, values):
        for name in NAMES:
            yield from self._on_weights(case, values, name)
            twice = values.get("output with %s.W doubled" % name)
            if equals(twice, values.get("output")) and np.any(twice):
                yield "your output does not depend on %s.W: does forward use it?" % name

    def remarks(self, torch, case, values):
        output = values.get("output")
        if is_array(output) and np.isnan(output).any() and np.isnan(_first_matrix(case)).any():
            yield "your output has NaN: leave out the weights of absent connections"
        layers = str(values.get("layers", LAYERS)).strip("'")  # a str comes in quotes
        if layers != LAYERS:
            yield "your layers are %s: the MLP has a ReLU after each layer but the last" % layers
        if is_array(output) and output.size != 4 * POSITIONS:
            yield "your output has %g positions, the MLP's has %d%s" % (
                output.size / 4, POSITIONS, self._first_width(values))

    def _first_width(self, values):
        """Return which ReLU is the first whose output has another width, in words."""
        for i, width in zip((1, 3), self.widths):
            state = values.get("layers[%d].state" % i)
            if is_array(state) and state.shape[-1:] != (width,):
                return ": layers[%d] gives width %d, not %d" % (i, state.shape[-1], width)
        return ""

    def _on_weights(self, case, values, name):
        W = values.get(name + ".W")
        before = values.get(name + ".W before")
        sizes = values.get("sizes of " + name)
        if is_array(W) and is_array(sizes):
            sizes = [int(n) for n in sizes]
            channel, out, kernel, _ = sizes
            if W.shape != (out, channel, kernel):
                yield "after init_weights, %s.W has shape %s, but Conv1D(%d, %d, %d, %d) has W of" \
                    " shape %s" % (name, W.shape, *sizes, (out, channel, kernel))
        if equals(W, before) and W.any():
            call = "init_weights"
            if case.earlier and equals(W, self.right_weights(case.earlier, name)):
                call = "a second init_weights"
            yield "%s leaves %s.W as it was" % (call, name)
        right = self.right_weights(case, name)
        if np.shape(before) == right.shape and equals(W, before + right):
            yield "init_weights adds to %s.W; it should replace it" % name
        b = values.get(name + ".b")
        if is_array(b) and b.any():
            yield "%s.b is not 0; the MLP has no biases" % name


def of_network(words, changes, results=()):
    """Return the Mistake of another network."""
    return Mistake("your output is that of the network", words, changes, dict(results))


def _first_matrix(case):
    return np.array(case.weights[0], dtype=float)


def mlp_output(torch, case):
    """Return the MLP's outputs on each window of 8 vectors, stepping by 4: (4 * positions,)."""
    windows = torch.tensor(case.x)[0].unfold(1, 8, 4)  # (feature, position, time)
    y = windows.permute(1, 2, 0).flatten(1)  # a window in a row: time * 24 + feature
    for i, W in enumerate(case.weights):
        if i > 0:
            y = torch.relu(y)
        y = y @ torch.tensor(np.nan_to_num(np.array(W, dtype=float)))
    return y.T.flatten().numpy()
