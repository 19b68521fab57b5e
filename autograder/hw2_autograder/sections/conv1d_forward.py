"""Section 3.1.1: Conv1D.forward in mytorch/conv.py."""
import numpy as np

from ..check import Case, Check, Mistake, Section
from ..results import Shape
from .shared import conv1d
from .shared.conv1d import SIZES
from .shared.values import if_changed, wave

FACTORS = {**conv1d.FACTORS,
           "the type of W": ["float", "integer"], "the type of b": ["float", "integer"]}


class ConvAttributes(Check):
    """Conv1D(...) keeps its sizes, W, b, dW and db; W and b are what the init functions give."""

    methods = ("Conv1D.__init__",)
    computes = False

    def cases(self, rng):
        for sizes in (3, 4, 5, 2), (2, 7, 3, 4), (5, 5, 5, 5), (1, 1, 2, 1):
            yield Case(**dict(zip(SIZES, sizes)))

    def make(self, case):
        from conv import Conv1D
        return Conv1D

    def begin(self, Conv1D, case):
        conv = Conv1D(**case.arguments)
        for name in SIZES:
            yield name, getattr(conv, name)
        for name in "W", "b", "dW", "db":  # the numbers are the hand-in's to choose
            yield "shape of the initial " + name, np.array(np.shape(getattr(conv, name)))
        yield "W from weight_init_fn", Conv1D(**case.arguments, weight_init_fn=wave).W
        yield "b from bias_init_fn", Conv1D(**case.arguments, bias_init_fn=wave).b

    def expected(self, torch, case):
        W = (case.out_channel, case.in_channel, case.kernel_size)
        b = (case.out_channel,)
        results = dict(case.arguments)
        for name, shape in (("W", W), ("b", b), ("dW", W), ("db", b)):
            results["shape of the initial " + name] = np.array(shape)
        results["W from weight_init_fn"] = wave(*W)
        results["b from bias_init_fn"] = wave(*b)
        return results


class ConvForward(Check):
    """Conv1D.forward(x) gives what torch.nn.Conv1d gives, without padding."""

    tolerance = 1e-11
    methods = ("Conv1D.forward",)

    def cases(self, rng):
        for case, _ in conv1d.covering_cases(rng, FACTORS, ["x", "W", "b"]):
            yield case

    def make(self, case):
        return conv1d.make(case)

    def begin(self, conv, case):
        conv.W = case.W
        conv.b = case.b
        x = case.x
        yield "output", conv(x) if case.levels else conv.forward(x)  # both are used
        yield from if_changed("x after forward", x, case.x)
        yield from if_changed("self.W after forward", conv.W, case.W)

    def expected(self, torch, case):
        return {"output": conv1d.output(torch, case)}

    def mistakes(self, torch, case):
        yield from self._changed_arguments(torch, case)
        yield from self._widths(torch, case)

    def _changed_arguments(self, torch, case):
        x = case.x
        W = case.W
        b = case.b
        kernel = case.kernel_size
        stride = case.stride
        out, channel, _ = W.shape
        right = conv1d.output(torch, case)
        windows = right.shape[2]

        def gives(words, **changes):
            return Mistake("your output", words, changes)

        def raises(words):
            return Mistake("your output", words, raises=True)

        yield gives("flips the kernel; the layer is a cross-correlation", W=W[:, :, ::-1])
        yield gives("is missing the bias", b=0 * b)
        yield gives("adds the bias in_channel times", b=channel * b)
        yield gives("adds the bias to each product; add it to their sum", b=W[0].size * b)
        yield gives("uses only the last input channel; sum over all", x=x[:, -1:], W=W[:, -1:])
        yield gives("averages each window; it should be a sum", W=W / W[0].size)
        yield gives("leaves out the last tap", W=W * (np.arange(kernel) < kernel - 1))
        yield gives("moves its windows by 1, not by the stride", stride=1, windows=windows)
        if stride > 1:
            yield gives("ignores the stride: it has in_width - kernel_size + 1 windows", stride=1)
        yield gives("moves its windows by kernel_size, not by the stride", stride=kernel,
                    windows=windows)
        yield gives("multiplies windows of (time, channel) with W of (channel, time)",
                    W=W.reshape(out, kernel, channel).transpose(0, 2, 1))
        yield gives("multiplies windows of (channel, time) with W of (time, channel)",
                    W=W.transpose(0, 2, 1).reshape(W.shape))
        yield gives("uses W reshaped to (-1, out_channel); reshape it to (out_channel, -1) and"
                    " transpose that", W=W.reshape(-1, out).T.reshape(W.shape))
        yield from self._sum_over_all(torch, case)

        start_late = "starts each window one input too late"
        if (x.shape[2] - kernel) % stride:
            yield gives(start_late, x=x[:, :, 1:])
        else:
            yield raises(start_late)

        one_channel = "sees one input channel in each filter, x[n, o]; it should see all of x[n]"
        if out <= channel:
            diagonal = np.zeros(W.shape)
            for o in range(out):
                diagonal[o, o] = W[o].sum(axis=0)
            yield gives(one_channel, W=diagonal)
        else:
            yield raises(one_channel)

        exchanged = "uses W with out_channel and in_channel exchanged"
        if out == channel:
            yield gives(exchanged, W=W.transpose(1, 0, 2))
        else:
            yield raises(exchanged)

        if (x.shape[2] - kernel) % stride == 0:
            late = np.arange(windows) == windows - 1
            yield Mistake("your output", "is 0 in a last window that ends at the end of x: does a"
                          " loop end too early?", results={"output": np.where(late, 0, right)})
        for name, value in conv1d.stale(case).items():
            yield gives("uses the %s of an earlier call" % name, **{name: value})

    def _sum_over_all(self, torch, case):
        """Yield the mistake np.sum(window * W), of windows of all samples and of all filters."""
        subject = "your output"
        words = "sums over all samples and filters; each has its own"
        products = conv1d.output(torch, case.but(b=0 * case.b))  # (batch, out_channel, windows)
        batch, out, _ = products.shape
        if batch == out:
            total = np.einsum("iit->t", products)
        else:
            total = products.sum(axis=(0, 1))
        if batch == out or 1 in (batch, out):
            output = np.zeros(products.shape) + case.b[:, np.newaxis] + total
            yield Mistake(subject, words, results={"output": output})
        else:
            yield Mistake(subject, words, raises=True)

    def _widths(self, torch, case):
        batch, channel, in_width = case.x.shape
        kernel = case.kernel_size
        stride = case.stride
        right = (in_width - kernel) // stride + 1

        def width(subject, words, windows):
            shape = Shape((batch, case.out_channel, windows))
            return Mistake(subject, words, results={"output": shape}, raises=windows != right,
                           in_line=windows)

        yield width("your forward", "takes x as (batch, width, channel); it is (batch, channel,"
                    " width)", (channel - kernel) // stride + 1)
        subject = "the output's width is (in_width - kernel_size) // stride + 1; yours is"
        yield width(subject, "(in_width - kernel_size) // stride", (in_width - kernel) // stride)
        yield width(subject, "in_width // stride", in_width // stride)
        padded = -(-in_width // stride)
        yield width(subject, "in_width / stride rounded up, as with padding", padded)
        yield width(subject, "rounded up", -(-(in_width - kernel) // stride) + 1)
        yield width(subject, "in_width - kernel_size + 1", in_width - kernel + 1)

    def signs(self, torch, case, values):
        if "x after forward" in values:
            yield "your forward changes x, which is the caller's array"
        if "self.W after forward" in values:
            yield "your forward changes self.W"

    def worked_out(self, case, name, index):
        n, o, t = index
        start = t * case.stride
        end = start + case.kernel_size
        products = (case.W[o] * case.x[n, :, start:end]).sum()
        return "output[%d, %d, %d] = b[%d] + sum(W[%d] * x[%d, :, %d:%d]) = %g + %g = %g" % (
            n, o, t, o, o, n, start, end, case.b[o], products, case.b[o] + products)


SECTION = Section("3.1.1", "Conv1D forward", 20, [ConvAttributes(), ConvForward()])
