"""Sections 3.1.1 and 3.1.2: Conv1D in mytorch/conv.py, against torch.nn.functional.conv1d."""
import numpy as np

from ..compare import Either
from .check import Case, Check
from .pairs import cover

FACTORS = {
    "batch": ["1", "2", "many"],
    "in_channel": ["1", "few", "many"],
    "out_channel": ["1", "few", "many", "as in"],
    "kernel_size": ["1", "2", "few", "many", "the width"],
    "stride": ["1", "below the kernel", "the kernel", "just above", "far above"],
    "left over": ["none", "some", "stride - 1"],  # inputs past the last window
    "out_width": ["1", "few", "dozens", "hundreds"],
    "x": ["C", "F", "strided"],  # layouts in memory
}
FORWARD = {**FACTORS, "parameters": ["float", "int"]}
BACKWARD = {**FACTORS, "delta": ["C", "F", "strided"]}
EXCLUDED = [(("kernel_size", "the width"), ("left over", "some")),
            (("kernel_size", "the width"), ("left over", "stride - 1")),
            (("kernel_size", "the width"), ("out_width", "few")),
            (("kernel_size", "the width"), ("out_width", "dozens")),
            (("kernel_size", "the width"), ("out_width", "hundreds")),
            (("kernel_size", "1"), ("stride", "below the kernel")),
            (("kernel_size", "2"), ("stride", "below the kernel")),
            (("kernel_size", "1"), ("stride", "the kernel")),
            (("stride", "1"), ("left over", "some")),
            (("stride", "1"), ("left over", "stride - 1"))]
RANGES = {  # of a level, both ends included
    "batch": {"1": (1, 1), "2": (2, 2), "many": (7, 10)},
    "channel": {"1": (1, 1), "few": (2, 4), "many": (5, 15)},
    "kernel_size": {"1": (1, 1), "2": (2, 2), "few": (3, 5), "many": (6, 12), "the width": (3, 9)},
    "out_width": {"1": (1, 1), "few": (2, 6), "dozens": (20, 60), "hundreds": (129, 320)},
}
WORK = 60000  # multiplications in a case, so that plain loops are in time too


def draw_shape(rng, levels):
    """Return (batch, in_width, in_channel, out_channel, kernel_size, stride) of these levels."""
    for smallest in [False] * 5 + [True]:
        def draw(name, kind=None):
            low, high = RANGES[kind or name][levels[name]]
            return low if smallest else int(rng.integers(low, high + 1))

        batch, kernel, out_width = draw("batch"), draw("kernel_size"), draw("out_width")
        in_channel = draw("in_channel", "channel")
        same = levels["out_channel"] == "as in"
        out_channel = in_channel if same else draw("out_channel", "channel")
        if batch * in_channel * out_channel * kernel * out_width <= WORK:
            break
    stride = {"1": 1, "below the kernel": int(rng.integers(2, max(kernel, 3))),
              "the kernel": kernel, "just above": kernel + 1,
              "far above": 2 * kernel + int(rng.integers(1, 4))}[levels["stride"]]
    over = {"none": 0, "some": int(rng.integers(1, max(stride, 2))),
            "stride - 1": stride - 1}[levels["left over"]]
    width = (out_width - 1) * stride + kernel + over
    return batch, width, in_channel, out_channel, kernel, stride


def conv_case(rng, batch, in_width, in_channel, out_channel, kernel_size, stride):
    """A case with numbers for a layer of these sizes."""
    out_width = (in_width - kernel_size) // stride + 1
    return Case(in_channel=in_channel, out_channel=out_channel, kernel_size=kernel_size,
                stride=stride, W=rng.standard_normal((out_channel, in_channel, kernel_size)),
                b=rng.standard_normal(out_channel),
                x=rng.standard_normal((batch, in_channel, in_width)),
                delta=rng.standard_normal((batch, out_channel, out_width)))


def laid_out(array, layout):
    """The same numbers in another memory layout: "C", "F", or every second of a larger array."""
    if layout == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    return np.array(array, order=layout)


def layer(case, W=None, b=None):
    """The hand-in's Conv1D of the case's sizes and parameters."""
    from conv import Conv1D
    conv = Conv1D(case.in_channel, case.out_channel, case.kernel_size, case.stride)
    conv.W, conv.b = case.W if W is None else W, case.b if b is None else b
    return conv


def leaf(torch, array):
    """An array as a tensor that collects its gradient."""
    return torch.tensor(np.array(array, dtype=np.float64), requires_grad=True)


def output(torch, case, x=None, W=None, b=None):
    """Torch's output for a case, with other numbers where they are given."""
    x, W, b = (getattr(case, name) if array is None else array
               for name, array in (("x", x), ("W", W), ("b", b)))
    return torch.nn.functional.conv1d(leaf(torch, x), leaf(torch, W), leaf(torch, b),
                                      case.stride).detach().numpy()


def gradients(torch, case, x=None, delta=None, W=None):
    """Torch's dx, dW and db for a case, with other numbers where they are given."""
    x = leaf(torch, case.x if x is None else x)
    W, b = leaf(torch, case.W if W is None else W), leaf(torch, case.b)
    y = torch.nn.functional.conv1d(x, W, b, case.stride)
    (y * torch.tensor(case.delta if delta is None else delta)).sum().backward()
    return {"dx": x.grad.numpy(), "dW": W.grad.numpy(), "db": b.grad.numpy()}


def ramp(*shape):
    """An init function whose result tells the shape that it was asked for."""
    return np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)


class ConvAttributes(Check):
    """Conv1D(...) keeps its four sizes; W, b are as initialized; dW, db are zeros like them."""

    needs_torch = False

    def cases(rng):
        for sizes in (3, 4, 5, 2), (2, 7, 3, 4), (5, 5, 5, 5), (1, 1, 2, 1):
            yield Case(sizes=sizes)

    def handin(case):
        from conv import Conv1D
        conv, other = Conv1D(*case.sizes), Conv1D(*case.sizes)
        for name in "in_channel", "out_channel", "kernel_size", "stride":
            yield name, getattr(conv, name)
        yield "W.shape", np.shape(conv.W)
        yield "W is the same in every layer", bool(np.array_equal(conv.W, other.W))
        for name in "b", "dW", "db":
            yield name, getattr(conv, name)
        conv = Conv1D(*case.sizes, ramp, ramp)
        yield "W of weight_init_fn", conv.W
        yield "b of bias_init_fn", conv.b
        yield "W where only weight_init_fn is given", Conv1D(*case.sizes, ramp).W
        yield "b where only bias_init_fn is given", Conv1D(*case.sizes, bias_init_fn=ramp).b

    def expected(torch, case):
        in_channel, out_channel, kernel_size, stride = case.sizes
        W, b = ramp(out_channel, in_channel, kernel_size), ramp(out_channel)
        return {"in_channel": in_channel, "out_channel": out_channel, "kernel_size": kernel_size,
                "stride": stride, "W.shape": W.shape, "W is the same in every layer": False,
                "b": 0 * b, "dW": 0 * W, "db": 0 * b, "W of weight_init_fn": W,
                "b of bias_init_fn": b, "W where only weight_init_fn is given": W,
                "b where only bias_init_fn is given": b}


class ConvForward(Check):
    """Conv1D.forward(x) gives what torch.nn.Conv1d gives, with no padding."""

    def cases(rng):
        for levels in cover(rng, FORWARD, EXCLUDED):
            case = conv_case(rng, *draw_shape(rng, levels))
            if levels["parameters"] == "int":
                case = case.but(W=rng.integers(-5, 6, case.W.shape),
                                b=rng.integers(-5, 6, case.b.shape))
            yield case.but(layout=levels["x"])

    def handin(case):
        yield "output", layer(case).forward(laid_out(case.x, case.layout))

    def expected(torch, case):
        return {"output": output(torch, case)}


class ConvForwardAgain(Check):
    """Conv1D(x) depends on x, W and b as they are: not on earlier calls or on other layers."""

    builds_on = ["ConvForward"]

    def cases(rng):
        for shape in (2, 20, 3, 4, 3, 1), (3, 21, 2, 3, 5, 2), (2, 24, 4, 3, 4, 4), (2, 23, 3, 4, 2, 5):
            case = conv_case(rng, *shape)
            batch, channel, width = case.x.shape
            yield case.but(other_x=rng.standard_normal((batch + 1, channel, width + 9)),
                           third_x=rng.standard_normal(case.x.shape),
                           other_W=rng.standard_normal(case.W.shape),
                           other_b=rng.standard_normal(case.b.shape))

    def handin(case):
        conv, other = layer(case), layer(case, case.other_W, case.other_b)
        yield "output", conv(case.x)
        yield "output of another layer", other(case.x)
        yield "output for another x", conv(case.other_x)
        yield "output for the first x again", conv(case.x)
        x = case.x
        conv(x)
        x[...] = case.third_x
        yield "output for an x changed in place", conv(x)
        conv.W, conv.b = case.other_W, case.other_b
        yield "output with a new W and b", conv(case.x)
        conv.W[...], conv.b[...] = case.W, case.b
        yield "output with W and b changed in place", conv(case.x)

    def expected(torch, case):
        right = output(torch, case)
        other = output(torch, case, W=case.other_W, b=case.other_b)
        return {"output": right, "output of another layer": other,
                "output for another x": output(torch, case, x=case.other_x),
                "output for the first x again": right,
                "output for an x changed in place": output(torch, case, x=case.third_x),
                "output with a new W and b": other,
                "output with W and b changed in place": right}


class ConvBackward(Check):
    """Conv1D.backward(delta) returns dx, and sets dW and db summed over batch and positions."""

    builds_on = ["ConvForward"]

    def cases(rng):
        for levels in cover(rng, BACKWARD, EXCLUDED):
            case = conv_case(rng, *draw_shape(rng, levels))
            yield case.but(layout=levels["x"], delta_layout=levels["delta"])

    def handin(case):
        conv = layer(case)
        conv.forward(laid_out(case.x, case.layout))
        yield "dx", conv.backward(laid_out(case.delta, case.delta_layout))
        yield "dW", conv.dW
        yield "db", conv.db

    def expected(torch, case):
        return gradients(torch, case)


class ConvBackwardAgain(Check):
    """Conv1D.backward(delta) belongs to its own layer's last forward; dW, db are new or added."""

    builds_on = ["ConvBackward"]

    def cases(rng):
        for case in ConvForwardAgain.cases(rng):
            delta, (batch, _, width) = case.delta, case.other_x.shape
            out_width = (width - case.kernel_size) // case.stride + 1
            yield case.but(third_delta=rng.standard_normal(delta.shape),
                           other_delta=rng.standard_normal((batch, case.out_channel, out_width)))

    def handin(case):
        conv, other = layer(case), layer(case, case.other_W, case.other_b)
        conv(case.third_x)
        conv.backward(case.third_delta)
        other(case.third_x)
        conv(case.other_x)
        conv(case.x)
        other(case.other_x)
        yield "dx", conv.backward(case.delta)
        yield "dW", conv.dW
        yield "db", conv.db
        yield "dx of another layer", other.backward(case.other_delta)
        yield "dW of another layer", other.dW
        yield "db of another layer", other.db
        conv.W = case.other_W
        conv(case.other_x)
        yield "dx with a new W", conv.backward(case.other_delta)

    def expected(torch, case):
        before = gradients(torch, case, case.third_x, case.third_delta)
        right = gradients(torch, case)
        other = gradients(torch, case, case.other_x, case.other_delta, case.other_W)
        return {"dx": right["dx"], "dW": Either(right["dW"], before["dW"] + right["dW"]),
                "db": Either(right["db"], before["db"] + right["db"]),
                "dx of another layer": other["dx"], "dW of another layer": other["dW"],
                "db of another layer": other["db"], "dx with a new W": other["dx"]}
