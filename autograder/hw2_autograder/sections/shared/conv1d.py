"""Cases of a Conv1D, how a hand-in's is used in them, and what torch.nn.functional.conv1d gives."""
import numpy as np

from ...check import Case
from ...cover import cover
from .values import leaf, zero_gradients

SIZES = ["in_channel", "out_channel", "kernel_size", "stride"]
EARLIER = "an earlier call of the layer"
FACTORS = {
    "the batch size": ["1", "2", "7 to 12"],
    "in_channel": ["1", "2 to 4", "5 to 12"],
    "out_channel": ["1", "2 to 4", "5 to 12"],
    "kernel_size": ["1", "2", "3 to 5", "6 to 12"],
    "stride": ["1", "below kernel_size", "kernel_size", "above kernel_size"],
    "the number of inputs past the last window": ["0", "above 0"],
    "the number of windows": ["1", "2 to 6", "20 to 60", "130 to 150"],
    EARLIER: ["none", "with other W and b", "with another x", "with a smaller x"],
}
EXCLUDED = [
    (("kernel_size", "1"), ("stride", "kernel_size")),
    (("kernel_size", "1"), ("stride", "below kernel_size")),
    (("kernel_size", "2"), ("stride", "below kernel_size")),
    # An x of one number: NumPy up to 2.2 takes np.float64(x) for a scalar.
    (("kernel_size", "1"), ("the number of windows", "1")),
    (("stride", "1"), ("the number of inputs past the last window", "above 0")),
]
DRAWN = ["the batch size", "the number of windows", "in_channel", "out_channel", "kernel_size"]


def draw_sizes(rng, levels):
    """Return batch, windows, in_channel, out_channel, kernel_size, stride and past, by name.

    `past` is the number of inputs past the last window.
    """
    # The smallest of several draws, so that loops in plain Python are in time too.
    draws = []
    for _ in range(4):
        draws.append([_draw(rng, levels[factor]) for factor in DRAWN])
    batch, windows, in_channel, out_channel, kernel = min(draws, key=np.prod)
    strides = {
        "1": 1,
        "below kernel_size": int(rng.integers(2, max(kernel, 3))),
        "kernel_size": kernel,
        "above kernel_size": kernel + int(rng.integers(1, kernel + 4)),
    }
    stride = strides[levels["stride"]]
    past = 0
    if levels["the number of inputs past the last window"] != "0":
        past = int(rng.integers(1, stride))
    return dict(batch=batch, windows=windows, in_channel=in_channel, out_channel=out_channel,
                kernel_size=kernel, stride=stride, past=past)


def _draw(rng, level):
    """Return a number of a level such as "1" or "7 to 12"."""
    low, _, high = level.partition(" to ")
    return int(rng.integers(int(low), int(high or low) + 1))


def conv_case(draw, names, sizes, levels):
    """Return a case with these arrays, such as x and W, drawn by functions of their shapes.

    Parameters
    ----------
    draw : dict
        The functions by the type of the numbers, "float" and "integer".
    """
    batch = sizes["batch"]
    out_channel = sizes["out_channel"]
    in_channel = sizes["in_channel"]
    kernel = sizes["kernel_size"]
    windows = sizes["windows"]
    in_width = (windows - 1) * sizes["stride"] + kernel + sizes["past"]
    shapes = {
        "x": (batch, in_channel, in_width),
        "W": (out_channel, in_channel, kernel),
        "b": (out_channel,),
        "delta": (batch, out_channel, windows),
    }
    arguments = {name: sizes[name] for name in SIZES}
    for name in names:
        kind = levels.get("the type of " + name, "float")
        arguments[name] = draw[kind](shapes[name])
    return Case(levels, **arguments)


def covering_cases(rng, factors, names):
    """Yield a small case of distinct integers, then cases that cover all pairs of levels.

    Each is (case, another case of the same sizes).
    """
    def distinct(shape):
        return (rng.permutation(13)[:np.prod(shape)] - 6.0).reshape(shape)

    def integers(shape):
        return rng.integers(-5, 6, shape)

    small = dict(batch=1, windows=2, in_channel=2, out_channel=2, kernel_size=3, stride=2, past=1)
    yield conv_case({"float": distinct}, names, small, {}), None
    draw = {"float": rng.standard_normal, "integer": integers}
    for levels in cover(rng, factors, EXCLUDED):
        sizes = draw_sizes(rng, levels)
        case = conv_case(draw, names, sizes, levels)
        another = conv_case(draw, names, sizes, levels)
        few = 1 if sizes["kernel_size"] > 1 else 2
        smaller = conv_case(draw, names, {**sizes, "batch": 1, "windows": few, "past": 0}, levels)
        earlier = {
            "none": None,
            "with other W and b": case.but(**_some(another, ["W", "b", "delta"])),
            "with another x": case.but(**_some(another, ["x", "delta"])),
            "with a smaller x": case.but(**_some(smaller, ["x", "delta"])),
        }
        yield case.but(earlier=earlier[levels[EARLIER]]), another


def _some(case, names):
    """Return those of some arguments that a case has, by name."""
    return {name: case.arguments[name] for name in names if name in case.arguments}


def make(case):
    """Return the hand-in's Conv1D of a case's sizes."""
    from conv import Conv1D
    return Conv1D(*(case.arguments[name] for name in SIZES))


def forward(conv, case):
    """Assign W and b, and return the layer's output."""
    conv.W = case.W
    conv.b = case.b
    return conv(case.x)


def backward(conv, delta):
    """Set the gradients to zero, and return what backward returns."""
    zero_gradients(conv)
    return conv.backward(delta)


def stale(case):
    """Return the arguments of the earlier call that differ, by name, if all have equal shapes."""
    found = {}
    for name in ("x", "W", "b", "delta") if case.earlier else ():
        before = case.earlier.arguments.get(name)
        now = case.arguments.get(name)
        if np.shape(before) != np.shape(now):
            return {}
        if not np.array_equal(before, now):
            found[name] = before
    return found


def output(torch, case):
    """Return torch's output, of the first `case.windows` windows where the case has that."""
    with torch.no_grad():
        y = _convolve(torch, leaf(torch, case.x), leaf(torch, case.W), leaf(torch, case.b), case)
    return y.numpy()[:, :, :case.get("windows")]


def gradients(torch, case):
    """Return torch's dx, dW and db."""
    x = leaf(torch, case.x)
    W = leaf(torch, case.W)
    b = leaf(torch, case.b)
    _convolve(torch, x, W, b, case).backward(torch.tensor(np.array(case.delta)))
    return {"dx": x.grad.numpy(), "dW": W.grad.numpy(), "db": b.grad.numpy()}


def _convolve(torch, x, W, b, case):
    return torch.nn.functional.conv1d(x, W, b, case.stride)
