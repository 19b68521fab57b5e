"""Section 3.1.2: Conv1D.backward in mytorch/conv.py."""
import numpy as np

from ..check import Check, Mistake, Section
from ..results import Shape
from .shared import conv1d
from .shared.values import if_changed

OTHER = "another layer's call before backward"
USES = {"dx": ("W", "delta"), "dW": ("x", "delta"), "db": ("delta",)}
FACTORS = {**conv1d.FACTORS, OTHER: ["none", "with another x"]}


class ConvBackward(Check):
    """Conv1D.backward(delta) returns dx, and sets dW and db summed over batch and positions."""

    builds_on = ("ConvForward",)
    tolerance = 1e-11
    methods = ("Conv1D.backward",)

    def cases(self, rng):
        for case, another in conv1d.covering_cases(rng, FACTORS, ["x", "W", "b", "delta"]):
            if case.levels.get(OTHER) == "with another x":
                case = case.but(other=another)
            yield case

    def make(self, case):
        return conv1d.make(case)

    def begin(self, conv, case):
        conv1d.forward(conv, case)
        yield from if_changed("self.W after forward", conv.W, case.W)

    def end(self, conv, case):
        yield "dx", conv1d.backward(conv, case.delta)
        yield "dW", conv.dW
        yield "db", conv.db
        yield from if_changed("self.W after backward", conv.W, case.W)

    def expected(self, torch, case):
        return conv1d.gradients(torch, case)

    def mistakes(self, torch, case):
        right = self.expected(torch, case)
        earlier = conv1d.stale(case)
        for name in right:
            yield from self._parts(case, name)
            for other in USES[name]:
                if other in earlier:
                    yield Mistake("your " + name, "uses the %s of an earlier call" % other,
                                  {other: earlier[other]}, only=name)
            if earlier:
                before = self.expected(torch, case.earlier)
                yield Mistake("your " + name, "adds to that of an earlier call",
                              results={name: right[name] + before[name]})
        yield self._multiplied(case)
        yield from self._dx(case, right["dx"])
        yield from self._dW_and_db(case, right["db"])

    def _multiplied(self, case):
        words = "multiplies delta by x"
        try:
            return Mistake("your backward", words, {"delta": case.delta * case.x})
        except ValueError:  # the shapes do not fit
            return Mistake("your backward", words, raises=True, in_line=case.x.shape)

    def _parts(self, case, name):
        """Yield mistakes that lose parts of a gradient."""
        delta = case.delta
        axes = ("sample", "filter", "window")
        for kept in (["window"], ["sample"], ["filter"], ["sample", "window"],
                     ["filter", "window"], ["sample", "filter", "window"]):
            last = np.zeros(delta.shape)
            where = tuple(slice(-1, None) if axis in kept else slice(None) for axis in axes)
            last[where] = delta[where]
            yield Mistake("your " + name, "has only the part of the last %s; include all"
                          % " and ".join(kept), {"delta": last}, only=name)
        without = delta.copy()
        without[:, :, -1] = 0
        yield Mistake("your " + name, "is missing the part of the last window", {"delta": without},
                      only=name)
        batch, out, windows = delta.shape
        swapped = delta.reshape(batch, windows, out).transpose(0, 2, 1)
        yield Mistake("your " + name, "takes delta as (batch, position, channel)",
                      {"delta": swapped}, only=name)

    def _dx(self, case, right):
        x = case.x
        W = case.W
        delta = case.delta
        stride = case.stride
        kernel = case.kernel_size
        windows = delta.shape[2]
        last = (windows - 1) * stride + kernel  # where the last window ends
        by_one, latest, first, last_filter = (np.zeros(x.shape) for _ in range(4))
        for t, part in enumerate(np.einsum("not,ock->tnck", delta, W)):
            here = slice(t * stride, t * stride + kernel)
            by_one[:, :, t:t + kernel] += part
            latest[:, :, here] = part
            first[:, :, here] += np.where(first[:, :, here] == 0, part, 0)
            last_filter[:, :, here] = delta[:, -1, t, None, None] * W[-1]

        def gives(words, dx):
            return Mistake("your dx", words, results={"dx": dx})

        yield Mistake("your dx", "uses the kernel in the wrong direction: put W[:, :, ::-1] for W,"
                      " or the other way round",
                      {"W": W[:, :, ::-1]}, only="dx")
        yield gives("moves its windows by 1, not by the stride", by_one)
        yield gives("keeps only the last window's part where windows overlap; sum them", latest)
        yield gives("keeps only the first window's part where windows overlap; sum them", first)
        yield gives("keeps only the part of the last window and filter; sum them", last_filter)
        yield gives("ends where the last window ends; it should have the shape of x",
                    Shape(x.shape[:2] + (last,)))
        yield gives("has its zeros at the start; they belong at the end, past the last window",
                    np.roll(right, x.shape[2] - last, axis=2))
        exchanged = "uses W with out_channel and in_channel exchanged"
        if W.shape[0] == W.shape[1]:
            yield Mistake("your dx", exchanged, {"W": W.transpose(1, 0, 2)}, only="dx")
        else:
            yield Mistake("your dx", exchanged, raises=True)

    def _dW_and_db(self, case, right):
        delta = case.delta
        batch, _, windows = delta.shape
        x = case.x[:, :, :windows + case.kernel_size - 1]
        yield Mistake("your dW", "moves its windows by 1, not by the stride", {"stride": 1, "x": x},
                      only="dW")

        def db(words, value):
            return Mistake("your db", words, results={"db": value})

        sums = "is summed over %s; sum over batch and positions"
        yield db(sums % "positions only", delta.sum(axis=2))
        yield db(sums % "the batch only", delta.sum(axis=0))
        yield db(sums % "everything", delta.sum())
        yield db(sums % "batch and filters", delta.sum(axis=(0, 1)))
        yield db(sums % "filters and positions", delta.sum(axis=(1, 2)))
        yield db("is averaged over batch and positions; it should be a sum",
                 right / (batch * windows))
        yield db("is right times in_channel * kernel_size: do you add to it inside the loops"
                 " over channels and taps?", right * case.in_channel * case.kernel_size)

    def signs(self, torch, case, values):
        for method in "forward", "backward":
            if "self.W after %s" % method in values:
                yield "your %s changes self.W" % method

    def worked_out(self, case, name, index):
        if name == "db":
            o, = index
            return "db[%d] = sum(delta[:, %d]) = %g" % (o, o, case.delta[:, o].sum())
        if name == "dW":
            return _sum_of_dW(case, *index)
        return _sum_of_dx(case, *index)


def _sum_of_dW(case, o, c, k):
    stride = case.stride
    end = (case.delta.shape[2] - 1) * stride + k + 1
    total = (case.delta[:, o] * case.x[:, c, k:end:stride]).sum()
    return "dW[%d, %d, %d] = sum(delta[:, %d] * x[:, %d, %d:%d:%d]) = %g" % (
        o, c, k, o, c, k, end, stride, total)


def _sum_of_dx(case, n, c, i):
    terms = []
    total = 0
    for t in range(case.delta.shape[2]):
        k = i - t * case.stride
        if 0 <= k < case.kernel_size:
            terms.append("sum(delta[%d, :, %d] * W[:, %d, %d])" % (n, t, c, k))
            total += (case.delta[n, :, t] * case.W[:, c, k]).sum()
    words = " + ".join(terms) or "0, as no window contains x[%d, %d, %d]" % (n, c, i)
    return "dx[%d, %d, %d] = %s%s" % (n, c, i, words, " = %g" % total if terms else "")


SECTION = Section("3.1.2", "Conv1D backward", 40, [ConvBackward()])
