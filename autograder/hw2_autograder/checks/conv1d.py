"""Sections 3.1.1 and 3.1.2: Conv1D in mytorch/conv.py, against torch.nn.functional.conv1d."""
import numpy as np

from .case import Case, Check, cover

FACTORS = {
    "the batch size": ["1", "2", "7 to 12"],
    "in_channel": ["1", "2 to 4", "5 to 12"],
    "out_channel": ["1", "2 to 4", "5 to 12"],
    "kernel_size": ["1", "2", "3 to 5", "6 to 12"],
    "stride": ["1", "below kernel_size", "kernel_size", "above kernel_size"],
    "the number of inputs past the last window": ["0", "above 0"],
    "the number of windows": ["1", "2 to 6", "20 to 60", "130 to 150"],
    "an earlier call of the layer": ["none", "with other W and b", "with another x",
                                     "with a smaller x"]}
FORWARD = {**FACTORS, "the type of W": ["float", "integer"], "the type of b": ["float", "integer"]}
OTHER = "another layer's call before backward"
BACKWARD = {**FACTORS, OTHER: ["none", "with another x"]}
EXCLUDED = [(("kernel_size", "1"), ("stride", "kernel_size")),
            (("kernel_size", "1"), ("stride", "below kernel_size")),
            (("kernel_size", "2"), ("stride", "below kernel_size")),
            (("stride", "1"), ("the number of inputs past the last window", "above 0"))]
SIZES = ["in_channel", "out_channel", "kernel_size", "stride"]


def draw_sizes(rng, levels):
    """Return (batch, windows, inputs past the last one) and the layer's sizes, of these levels."""
    def draw(factor):
        low, _, high = levels[factor].partition(" to ")
        return int(rng.integers(int(low), int(high or low) + 1))

    # The smallest of several draws, so that loops in plain Python are in time too.
    batch, windows, in_channel, out_channel, kernel = min(
        ([draw(factor) for factor in ("the batch size", "the number of windows", *SIZES[:3])]
         for _ in range(4)), key=np.prod)
    stride = {"1": 1, "below kernel_size": int(rng.integers(2, max(kernel, 3))),
              "kernel_size": kernel,
              "above kernel_size": kernel + int(rng.integers(1, kernel + 4))}[levels["stride"]]
    past = levels["the number of inputs past the last window"]
    past = 0 if past == "0" else int(rng.integers(1, stride))
    return (batch, windows, past), (in_channel, out_channel, kernel, stride)


def conv_case(draw, names, levels, extent, sizes):
    """Return a case with these arrays, drawn by a function of their shapes.

    `earlier`, arguments that differ in an earlier call of the layer, and `other`, the case of
    another layer's call, are empty here.
    """
    (batch, windows, past), (in_channel, out_channel, kernel, stride) = extent, sizes
    shapes = {"x": (batch, in_channel, (windows - 1) * stride + kernel + past),
              "W": (out_channel, in_channel, kernel), "b": (out_channel,),
              "delta": (batch, out_channel, windows)}
    return Case(levels, earlier={}, other=None, **dict(zip(SIZES, sizes)),
                **{name: draw(shapes[name]) for name in names})


def covering_cases(rng, factors, names):
    """Yield a small case of distinct integers, then cases that cover all pairs of levels."""
    def distinct(shape):
        return (rng.permutation(13)[:np.prod(shape)] - 6.0).reshape(shape)

    yield conv_case(distinct, names, {}, (1, 2, 1), (2, 2, 3, 2))
    for levels in cover(rng, factors, EXCLUDED):
        extent, sizes = draw_sizes(rng, levels)
        case, other, smaller = (conv_case(rng.standard_normal, names, levels, shape, sizes)
                                for shape in (extent, extent, (1, 1, 0)))
        source, changed = {"none": (other, ""), "with other W and b": (other, ["W", "b", "delta"]),
                           "with another x": (other, ["x", "delta"]),
                           "with a smaller x": (smaller, ["x", "delta"])}[
                               levels["an earlier call of the layer"]]
        yield case.but(
            earlier={name: source.arguments[name] for name in changed if name in names},
            other=other if levels.get(OTHER) == "with another x" else None,
            **{name: rng.integers(-5, 6, case.arguments[name].shape)
               for name in "Wb" if levels.get("the type of " + name) == "integer"})


def forward(conv, W, b, x):
    """Assign W and b and return the layer's output."""
    conv.W, conv.b = W, b
    return conv(x)


def backward(conv, delta):
    """Set the gradients to zero as zero_grads does, and return what backward returns."""
    conv.dW.fill(0.0)
    conv.db.fill(0.0)
    return conv.backward(delta)


def stale(case):
    """Return the earlier call's arguments if they have this call's shapes, otherwise none."""
    return case.earlier if all(np.shape(value) == np.shape(getattr(case, name))
                               for name, value in case.earlier.items()) else {}


def used_layer(case):
    """Return the hand-in's Conv1D of a case's sizes, after the earlier call."""
    from conv import Conv1D
    conv = Conv1D(*(getattr(case, name) for name in SIZES))
    if case.earlier:
        a = case.but(**case.earlier)
        forward(conv, a.W, a.b, a.x)
        if "delta" in a.arguments:
            backward(conv, a.delta)
    return conv


def changes_W(conv, case, method):
    """Yield a remark if a method has changed W."""
    if not np.array_equal(conv.W, case.W):
        yield None, "your %s changes self.W" % method


def leaf(torch, array):
    """Return an array as a tensor that collects its gradient."""
    return torch.tensor(np.array(array, dtype=np.float64), requires_grad=True)


def output(torch, case, **changes):
    """Return torch's output for a case, with some of its arguments changed."""
    a = {**case.arguments, **changes}
    with torch.no_grad():
        return torch.nn.functional.conv1d(*(leaf(torch, a[name]) for name in ("x", "W", "b")),
                                          a["stride"]).numpy()


def gradients(torch, case, **changes):
    """Return torch's dx, dW and db for a case, with some of its arguments changed."""
    a = {**case.arguments, **changes}
    x, W, b = (leaf(torch, a[name]) for name in ("x", "W", "b"))
    delta = torch.tensor(np.array(a["delta"]))
    torch.nn.functional.conv1d(x, W, b, a["stride"]).backward(delta)
    return {"dx": x.grad.numpy(), "dW": W.grad.numpy(), "db": b.grad.numpy()}


def wave(*shape):
    """An init function: irregular numbers, so that a wrong shape or order shows."""
    return 5 * np.sin(np.arange(np.prod(shape)) ** 2 + 1.0).reshape(shape)


class ConvAttributes(Check):
    """Conv1D(...) keeps its sizes, W, b, dW and db; W and b are what the init functions give."""

    def cases(rng):
        for sizes in (3, 4, 5, 2), (2, 7, 3, 4), (5, 5, 5, 5), (1, 1, 2, 1):
            yield Case(**dict(zip(SIZES, sizes)))

    def handin(case):
        from conv import Conv1D
        conv = Conv1D(**case.arguments)
        for name in SIZES:
            yield name, getattr(conv, name)
        for name in "W", "b", "dW", "db":  # their shapes alone
            yield "initial " + name, np.zeros(np.shape(getattr(conv, name)))
        yield "W from weight_init_fn", Conv1D(*case.arguments.values(), weight_init_fn=wave).W
        yield "b from bias_init_fn", Conv1D(*case.arguments.values(), bias_init_fn=wave).b

    def expected(torch, case):
        W = case.out_channel, case.in_channel, case.kernel_size
        shapes = {"W": W, "b": W[:1], "dW": W, "db": W[:1]}
        return {**case.arguments,
                **{"initial " + name: np.zeros(shape) for name, shape in shapes.items()},
                "W from weight_init_fn": wave(*W), "b from bias_init_fn": wave(*W[:1])}


class ConvForward(Check):
    """Conv1D.forward(x) gives what torch.nn.Conv1d gives, without padding."""

    tolerance = 1e-11

    def cases(rng):
        return covering_cases(rng, FORWARD, ["x", "W", "b"])

    def handin(case):
        conv = used_layer(case)
        conv.W, conv.b = case.W, case.b
        yield "output", (conv if case.levels else conv.forward)(case.x)
        yield from changes_W(conv, case, "forward")

    def expected(torch, case):
        return {"output": output(torch, case)}

    def mistakes(torch, case):
        x, W, b, stride, kernel = case.x, case.W, case.b, case.stride, case.kernel_size
        right, (_, channel, width) = output(torch, case), x.shape
        windows = right.shape[2]

        def gives(**changes):
            return {"output": output(torch, case, **changes)[:, :, :windows]}

        for words, changes in {
                "flips the kernel; the layer is a cross-correlation": {"W": W[:, :, ::-1]},
                "is missing the bias": {"b": 0 * b},
                "adds the bias in_channel times": {"b": channel * b},
                "adds the bias to each product; add it to their sum": {"b": W[0].size * b},
                "uses only the last input channel; sum over all": {
                    "x": x[:, -1:], "W": W[:, -1:]},
                "averages each window; it should be a sum": {"W": W / W[0].size},
                "leaves out the last tap": {"W": W * (np.arange(kernel) < kernel - 1)},
                "moves its windows by 1, not by the stride": {"stride": 1},
                "moves its windows by kernel_size, not by the stride": {"stride": kernel},
                "multiplies windows of (time, channel) with W of (channel, time)": {
                    "W": W.reshape(len(W), kernel, -1).transpose(0, 2, 1)},
                "multiplies windows of (channel, time) with W of (time, channel)": {
                    "W": W.transpose(0, 2, 1).reshape(W.shape)}}.items():
            yield "your output " + words, lambda: gives(**changes)
        if (width - kernel) % stride == 0:
            yield "your output is 0 in a last window that ends at the end of x", lambda: {
                "output": np.where(np.arange(windows) < windows - 1, right, 0)}
        for name, value in stale(case).items():
            yield "your output uses the %s of an earlier call" % name, lambda: gives(
                **{name: value})
        width_is = "the output's width is (in_width - kernel_size) // stride + 1; yours is "
        for sentence, formula in {
                "your forward takes x as (batch, width, channel); it is (batch, channel, width)":
                    (channel - kernel) // stride + 1,
                width_is + "(in_width - kernel_size) // stride": (width - kernel) // stride,
                width_is + "in_width // stride": width // stride,
                width_is + "in_width / stride rounded up, as with padding": -(-width // stride),
                width_is + "rounded up": -(-(width - kernel) // stride) + 1}.items():
            yield sentence, lambda: {} if formula == windows else (
                {"output": right[:, :, :formula]} if 0 <= formula < windows else None)


class ConvBackward(Check):
    """Conv1D.backward(delta) returns dx, and sets dW and db summed over batch and positions."""

    tolerance = 1e-11

    def cases(rng):
        return covering_cases(rng, BACKWARD, ["x", "W", "b", "delta"])

    def handin(case):
        conv = used_layer(case)
        forward(conv, case.W, case.b, case.x)
        yield from changes_W(conv, case, "forward")
        if case.other:
            forward(used_layer(case.other), case.other.W, case.other.b, case.other.x)
        yield "dx", backward(conv, case.delta)
        yield "dW", conv.dW
        yield "db", conv.db
        yield from changes_W(conv, case, "backward")

    def expected(torch, case):
        return gradients(torch, case)

    def mistakes(torch, case):
        x, W, delta, stride, kernel = case.x, case.W, case.delta, case.stride, case.kernel_size
        right, (batch, out, windows) = gradients(torch, case), delta.shape
        earlier = stale(case)
        last = (windows - 1) * stride + kernel  # where the last window ends

        def of_part(name, axes):
            """A gradient from the last sample, filter or window of delta, the rest being 0."""
            keep = tuple(slice(-1, None) if axis in axes else slice(None)
                         for axis in ("sample", "filter", "window"))
            part = np.zeros_like(delta)
            part[keep] = delta[keep]
            return gradients(torch, case, delta=part)[name]

        for name in right:
            for axes in (["window"], ["sample"], ["filter"], ["sample", "window"],
                         ["filter", "window"], ["sample", "filter", "window"]):
                yield "your %s has only the part of the last %s; include all" % (
                    name, " and ".join(axes)), lambda: {name: of_part(name, axes)}
            yield "your %s is missing the part of the last window" % name, lambda: {
                name: right[name] - of_part(name, ["window"])}
            yield "your %s takes delta as (batch, position, channel)" % name, lambda: {
                name: gradients(torch, case, delta=delta.reshape(batch, windows, out).transpose(
                    0, 2, 1))[name]}
            for other, value in earlier.items():
                yield "your %s uses the %s of an earlier call" % (name, other), lambda: {
                    name: gradients(torch, case, **{other: value})[name]}
            if earlier:
                yield "your %s adds to that of an earlier call" % name, \
                    lambda: {name: right[name] + gradients(torch, case, **earlier)[name]}
        parts = np.einsum("not,ock->tnck", delta, W)  # of each window in dx
        by_one, latest, first, filters = (np.zeros_like(x) for _ in range(4))
        for t, part in enumerate(parts):
            here = slice(t * stride, t * stride + kernel)
            by_one[:, :, t:t + kernel] += part
            latest[:, :, here] = part
            first[:, :, here] += np.where(first[:, :, here] == 0, part, 0)
            filters[:, :, here] = delta[:, -1, t, None, None] * W[-1]
        for words, value in {
                "uses a flipped kernel: W[:, :, ::-1] for W, or W for W[:, :, ::-1]":
                    gradients(torch, case, W=W[:, :, ::-1])["dx"],
                "moves its windows by 1, not by the stride": by_one,
                "keeps only the last window's part where windows overlap; sum them": latest,
                "keeps only the first window's part where windows overlap; sum them": first,
                "keeps only the part of the last window and filter; sum them": filters,
                "ends with the last window; it has the shape of x": right["dx"][:, :, :last],
                "has zeros at its start; the inputs past the last window are at its end":
                    np.roll(right["dx"], x.shape[2] - last, 2)}.items():
            yield "your dx " + words, lambda: {"dx": value}
        yield "your dW moves its windows by 1, not by the stride", lambda: {"dW": gradients(
            torch, case, stride=1, x=x[:, :, :windows + kernel - 1])["dW"]}
        for words, axes in {"positions only": 2, "the batch only": 0, "everything": None,
                            "batch and filters": (0, 1), "filters and positions": (1, 2)}.items():
            yield ("your db is summed over %s; sum over batch and positions" % words,
                   lambda: {"db": delta.sum(axis=axes)})
