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
    "numbers": ["of size 1", "of size 1000"],
    "W": ["C", "transposed"],  # layouts in memory
    "x": ["C", "F", "strided", "sliced", "transposed"],
}
FORWARD = {**FACTORS, "integers": ["none", "W", "b", "W and b"]}
BACKWARD = {**FACTORS, "delta": ["C", "F", "strided", "transposed"]}
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
    "batch": {"1": (1, 1), "2": (2, 2), "many": (7, 20)},
    "channel": {"1": (1, 1), "few": (2, 4), "many": (5, 20)},
    "kernel_size": {"1": (1, 1), "2": (2, 2), "few": (3, 5), "many": (6, 14), "the width": (3, 9)},
    "out_width": {"1": (1, 1), "few": (2, 6), "dozens": (20, 60), "hundreds": (129, 320)},
}
WORK = 20000  # multiplications in a case, so that plain loops are in time too


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


def draw_case(rng, levels, **layouts):
    """A case of these levels."""
    case = conv_case(rng, *draw_shape(rng, levels))
    if levels["numbers"] == "of size 1000":
        case = case.but(x=1000 * case.x, delta=1000 * case.delta, b=1000 * case.b)
    return case.but(W_layout=levels["W"], x_layout=levels["x"], **layouts)


def laid_out(array, layout):
    """The same numbers in another memory layout."""
    if layout == "strided":  # every second of a longer array
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "sliced":  # from the middle of a longer array
        return np.concatenate([array] * 3, axis=-1)[..., array.shape[-1]:2 * array.shape[-1]]
    if layout == "transposed":  # position by channel
        return array.swapaxes(-1, -2).copy().swapaxes(-1, -2)
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
    """An init function whose result tells the shape that it was asked for, and its own order."""
    return 5 * np.sin(np.arange(np.prod(shape)) ** 2 + 1.0).reshape(shape)


def wrong_outputs(torch, case):
    """(words, value) for mistakes in a convolution's forward pass."""
    x, W, b = case.x, case.W, case.b
    right, kernel = output(torch, case), case.kernel_size
    out_width = right.shape[2]
    yield "has the kernel turned around: the layer is a cross-correlation", output(
        torch, case, W=W[:, :, ::-1])
    yield "pairs the input channels with the weights' in reversed order", output(
        torch, case, W=W[:, ::-1])
    for words, part in (("first", slice(0, 1)), ("last", slice(-1, None))):
        yield "has the %s input channel alone: a filter sums over all" % words, output(
            torch, case, x=x[:, part], W=W[:, part])
        yield "has the %s filter's weights for every filter" % words, output(
            torch, case, W=np.repeat(W[part], len(W), 0))
        yield "has the %s filter's bias for every filter" % words, output(
            torch, case, b=np.repeat(b[part], len(b)))
    for words, tap in (("first", 0), ("last", -1)):
        without = W.copy()
        without[:, :, tap] = 0
        yield "lacks the %s tap of every window" % words, output(torch, case, W=without)
    yield "averages over each window, where it is to sum", output(torch, case, W=W / W[0].size)
    yield "averages over each window and bias, where it is to sum", right / W[0].size
    yield "steps by 1 from window to window, whatever the stride", output(
        torch, case.but(stride=1))[:, :, :out_width]
    yield "steps by the kernel size from window to window, whatever the stride", output(
        torch, case.but(stride=kernel))
    yield "has the windows time by channel and W channel by time", output(
        torch, case, W=W.reshape(len(W), kernel, -1).transpose(0, 2, 1))
    yield "has the windows channel by time and W time by channel", output(
        torch, case, W=W.transpose(0, 2, 1).reshape(W.shape))
    exact = (x.shape[2] - kernel) % case.stride == 0
    for words, fits in (("where it fits x exactly", exact), ("", True)):
        value = right.copy()
        value[:, :, -1] *= not fits
        yield ("lacks the last window " + words).strip(), value
        if fits:
            yield ("is a position short " + words).strip(), right[:, :, :-1]
    if W.dtype.kind == "i":
        yield "is cut to integers where W is integers", np.trunc(right)


def wrong_gradients(torch, case):
    """(sentence, results) for mistakes in a convolution's backward pass."""
    x, W, delta, stride, kernel = case.x, case.W, case.delta, case.stride, case.kernel_size
    right, (_, out, out_width) = gradients(torch, case), delta.shape
    last = (out_width - 1) * stride + kernel  # where the last window ends

    def some(**slices):
        """Gradients from parts of delta alone."""
        part = np.zeros_like(delta)
        keep = tuple(slices.get(axis, slice(None)) for axis in ("sample", "filter", "window"))
        part[keep] = delta[keep]
        return gradients(torch, case, delta=part)

    for words, one in (("first", slice(0, 1)), ("last", slice(-1, None))):
        for axis in "sample", "filter", "window":
            for name, value in some(**{axis: one}).items():
                yield "your %s has the share of the %s %s alone" % (name, words, axis), {
                    name: value}
                yield "your %s lacks the share of the %s %s" % (name, words, axis), {
                    name: right[name] - value}
    swapped = delta.reshape(len(delta), out_width, out).transpose(0, 2, 1)
    for name, value in gradients(torch, case, delta=swapped).items():
        yield ("your %s takes delta as position by channel, where it is channel by position" % name,
               {name: value})
    yield "your dx has the kernel turned around: tap k belongs to input k of a window", {
        "dx": gradients(torch, case, W=W[:, :, ::-1])["dx"]}
    for words, changed in (("channel by tap", W.reshape(out, kernel, -1).transpose(0, 2, 1)),
                           ("tap by channel", W.transpose(0, 2, 1).reshape(W.shape))):
        yield "your dx takes W for %s, where it is the reverse" % words, {
            "dx": gradients(torch, case, W=changed)["dx"]}

    shares = np.einsum("not,ock->tnck", delta, W)  # what each window gives to dx
    by_one, first, latest, filters = (np.zeros_like(x) for _ in range(4))
    heard = np.zeros(x.shape[2])
    for t, share in enumerate(shares):
        s = t * stride
        by_one[:, :, t:t + kernel] += share
        latest[:, :, s:s + kernel] = share
        filters[:, :, s:s + kernel] = np.einsum("n,ck->nck", delta[:, -1, t], W[-1])
        heard[s:s + kernel] += 1
    for t, share in list(enumerate(shares))[::-1]:
        first[:, :, t * stride:t * stride + kernel] = share
    for words, value in (
            ("has each window's share where a stride of 1 would have it", by_one),
            ("has each window's share where a stride of 1 would have it, and is no wider",
             by_one[:, :, :out_width + kernel - 1]),
            ("keeps the last window's share alone, where windows overlap", latest),
            ("keeps the first window's share alone, where windows overlap", first),
            ("keeps the last window's and the last filter's share alone", filters),
            ("is averaged over the windows that share an input",
             right["dx"] / np.maximum(heard, 1)),
            ("ends with the last window, where x does not", right["dx"][:, :, :last]),
            ("has at its start the zeros of the inputs past the last window",
             np.roll(right["dx"], x.shape[2] - last, 2)),
            ("has all windows' shares added up in the first window",
             np.concatenate([shares.sum(axis=0), 0 * x[:, :, kernel:]], axis=2))):
        yield "your dx " + words, {"dx": value}
    past = right["dx"].copy()
    past[:, :, last:] = past[:, :, last - 1:last]
    yield "your dx repeats its last share in the inputs past the last window", {"dx": past}

    yield "your dW has its windows one input apart, whatever the stride", {"dW": gradients(
        torch, case.but(stride=1), x=x[:, :, :out_width + kernel - 1])["dW"]}
    for words, value in (
            ("is not summed over the batch", delta.sum(axis=2)),
            ("is not summed over the positions", delta.sum(axis=0)),
            ("is not summed over the positions", delta.sum(axis=0, keepdims=True)),
            ("is summed over the filters too", delta.sum()),
            ("is summed over batch and filters, not over batch and positions",
             delta.sum(axis=(0, 1))),
            ("is summed over filters and positions, not over batch and positions",
             delta.sum(axis=(1, 2))),
            ("keeps the summed axes", delta.sum(axis=(0, 2), keepdims=True)),
            ("keeps a summed axis", delta.sum(axis=(0, 2))[None]),
            ("keeps a summed axis", delta.sum(axis=(0, 2))[:, None]),
            ("is averaged over batch and positions", delta.mean(axis=(0, 2)))):
        yield "your db " + words, {"db": value}


SIZES = ["in_channel", "out_channel", "kernel_size", "stride"]
PARAMETERS = ["W", "b", "dW", "db"]
AGAIN = [(2, 20, 3, 4, 3, 1), (3, 21, 2, 3, 5, 2), (2, 24, 4, 3, 4, 4), (2, 23, 3, 4, 2, 5),
         (1, 9, 1, 12, 1, 2), (1, 6, 12, 1, 6, 3)]  # shapes of the cases of a second use


class ConvAttributes(Check):
    """Conv1D(...) keeps its four sizes; W, b are as initialized; dW, db are zeros like them."""

    needs_torch = False

    def cases(rng):
        for sizes in (3, 4, 5, 2), (2, 7, 3, 4), (5, 5, 5, 5), (1, 1, 2, 1):
            yield Case(sizes=sizes)

    def handin(case):
        from conv import Conv1D
        conv, other = Conv1D(*case.sizes), Conv1D(**dict(zip(SIZES, case.sizes)))
        for name in SIZES:
            yield name, getattr(conv, name)
        yield "W.shape", np.shape(conv.W)
        yield "W is the same in every layer", bool(np.array_equal(conv.W, other.W))
        for name in "b", "dW", "db":
            yield name, getattr(conv, name)
        conv, other = (Conv1D(*case.sizes, np.random.randn) for _ in range(2))
        yield "W of weight_init_fn is the same in every layer", bool(
            np.array_equal(conv.W, other.W))
        conv = Conv1D(*case.sizes, ramp, ramp)
        yield "W of weight_init_fn", conv.W
        yield "b of bias_init_fn", conv.b
        yield "W where only weight_init_fn is given", Conv1D(
            *case.sizes, weight_init_fn=ramp).W
        yield "b where only bias_init_fn is given", Conv1D(*case.sizes, bias_init_fn=ramp).b

    def expected(torch, case):
        in_channel, out_channel, kernel_size, stride = case.sizes
        W, b = ramp(out_channel, in_channel, kernel_size), ramp(out_channel)
        return {**dict(zip(SIZES, case.sizes)), "W.shape": W.shape,
                "W is the same in every layer": False,
                "W of weight_init_fn is the same in every layer": False,
                "b": 0 * b, "dW": 0 * W, "db": 0 * b,
                "W of weight_init_fn": W, "b of bias_init_fn": b,
                "W where only weight_init_fn is given": W, "b where only bias_init_fn is given": b}


class ConvForward(Check):
    """Conv1D.forward(x) gives what torch.nn.Conv1d gives, with no padding."""

    tolerance = 1e-11

    def cases(rng):
        for levels in cover(rng, FORWARD, EXCLUDED):
            case = draw_case(rng, levels)
            for name in "W", "b":
                if name in levels["integers"]:
                    shape = case.arguments[name].shape
                    case = case.but(**{name: rng.integers(-5, 6, shape)})
            yield case

    def handin(case):
        conv = layer(case, laid_out(case.W, case.W_layout))
        yield "output", conv.forward(laid_out(case.x, case.x_layout))

    def expected(torch, case):
        return {"output": output(torch, case)}

    def mistakes(torch, case):
        return [("your output " + words, {"output": value})
                for words, value in wrong_outputs(torch, case)]


class ConvForwardAgain(Check):
    """Conv1D(x) depends on x, W and b as they are: not on earlier calls or on other layers."""

    builds_on = ["ConvForward"]

    def cases(rng):
        for shape in AGAIN:
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
        conv.W = case.other_W
        yield "output with a new W", conv(case.x)
        conv.b = case.other_b
        yield "output with a new b", conv(case.x)
        conv.W[...] = case.W
        yield "output with W changed in place", conv(case.x)
        conv.b[...] = case.b
        yield "output with b changed in place", conv(case.x)
        for name in SIZES:
            yield name, getattr(conv, name)
        for name in PARAMETERS:
            yield name + ".shape", np.shape(getattr(conv, name))

    def expected(torch, case):
        right = output(torch, case)
        other = output(torch, case, W=case.other_W, b=case.other_b)
        return {"output": right, "output of another layer": other,
                "output for another x": output(torch, case, x=case.other_x),
                "output for the first x again": right,
                "output for an x changed in place": output(torch, case, x=case.third_x),
                "output with a new W": output(torch, case, W=case.other_W),
                "output with a new b": other,
                "output with W changed in place": output(torch, case, b=case.other_b),
                "output with b changed in place": right,
                **{name: case.arguments[name] for name in SIZES},
                **{name + ".shape": case.arguments[name.strip("d")].shape for name in PARAMETERS}}


class ConvBackward(Check):
    """Conv1D.backward(delta) returns dx, and sets dW and db summed over batch and positions."""

    tolerance = 1e-11

    def cases(rng):
        for levels in cover(rng, BACKWARD, EXCLUDED):
            yield draw_case(rng, levels, delta_layout=levels["delta"])

    def handin(case):
        conv = layer(case, laid_out(case.W, case.W_layout))
        conv.forward(laid_out(case.x, case.x_layout))
        yield "dx", conv.backward(laid_out(case.delta, case.delta_layout))
        yield "dW", conv.dW
        yield "db", conv.db

    def expected(torch, case):
        return gradients(torch, case)

    def mistakes(torch, case):
        return wrong_gradients(torch, case)


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
        conv(case.other_x)
        conv(case.third_x)
        conv(case.x)
        other(case.third_x)
        yield "dx", conv.backward(case.delta)
        yield "dW", conv.dW
        yield "db", conv.db
        yield "dx of another layer", other.backward(case.third_delta)
        yield "dW of another layer", other.dW
        yield "db of another layer", other.db
        yield "dW after another layer's backward", conv.dW
        yield "db after another layer's backward", conv.db
        conv.W = case.other_W
        conv(case.other_x)
        yield "dx with a new W", conv.backward(case.other_delta)
        conv.W[...] = case.W
        for words in "as zero_grads does", "by new arrays":
            if words == "by new arrays":
                conv.dW, conv.db = np.zeros(case.W.shape), np.zeros(case.b.shape)
            else:
                conv.dW.fill(0.0)
                conv.db.fill(0.0)
            conv(case.x)
            yield "dx with W changed in place", conv.backward(case.delta)
            yield "dW after zeros %s" % words, conv.dW
            yield "db after zeros %s" % words, conv.db

    def expected(torch, case):
        before = gradients(torch, case, case.third_x, case.third_delta)
        right = gradients(torch, case)
        other = gradients(torch, case, case.third_x, case.third_delta, case.other_W)
        new = gradients(torch, case, case.other_x, case.other_delta, case.other_W)
        either = {name: Either(right[name], before[name] + right[name]) for name in ("dW", "db")}
        return {"dx": right["dx"], **either,
                **{name + " of another layer": value for name, value in other.items()},
                **{name + " after another layer's backward": value
                   for name, value in either.items()},
                "dx with a new W": new["dx"], "dx with W changed in place": right["dx"],
                **{"%s after zeros %s" % (name, words): right[name]
                   for words in ("as zero_grads does", "by new arrays") for name in ("dW", "db")}}

    def mistakes(torch, case):
        before = gradients(torch, case, case.third_x, case.third_delta)
        right = gradients(torch, case)
        for name in right:
            yield "your %s is that of an earlier call" % name, {name: before[name]}
            yield "your %s is added to that of an earlier call" % name, {
                name: before[name] + right[name]}
            yield "your %s belongs to an earlier delta" % name, {
                name: gradients(torch, case, delta=case.third_delta)[name]}
        stale = gradients(torch, case, x=case.third_x)["dW"]
        yield "your dW is computed with the x of another forward: an earlier or another layer's", {
            "dW": Either(stale, before["dW"] + stale)}
        yield "your dx is still computed with the W from before", {
            "dx with a new W": gradients(torch, case, case.other_x, case.other_delta)["dx"]}
        yield "your dW is added to what it was before it was zeroed", {
            "dW after zeros as zero_grads does": 2 * right["dW"] + before["dW"] + gradients(
                torch, case, case.other_x, case.other_delta, case.other_W)["dW"]}
