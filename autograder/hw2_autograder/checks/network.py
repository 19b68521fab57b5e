"""A network of convolutions in torch, as it should be or with one thing changed."""
from collections import namedtuple

from .layers import activate

# W of shape (out, in, kernel) and b, tensors; activation: its name; name: what a report calls it.
Layer = namedtuple("Layer", "name W b stride activation")

CHANGES = {  # of one layer or of all; what the network is then
    "no bias": "without the bias of %(name)s",
    "no activation": "without the %(activation)s after %(name)s",
    "ReLU": "with a ReLU after %(name)s",
    "no derivative": "with backward leaving out the derivative of the %(activation)s after"
                     " %(name)s",
    "output": "with backward using the output of the %(activation)s after %(name)s as its"
              " derivative",
    "input": "with the derivative of the %(activation)s after %(name)s computed from its input"
             " instead of its output",
    "taps reversed": "with the taps of %(name)s in reversed order",
    "channel by time": "with the rows of the matrix for %(name)s read as channel by time; they are"
                       " time by channel",
    "not transposed": "with the matrix for %(name)s reshaped before it is transposed",
    "only reshaped": "with the matrix for %(name)s reshaped and never transposed",
    "integers": "with the weights of %(name)s cut to integers",
}


def run(torch, x, layers, change=None, place=None):
    """Return what the convolutions and activations make of x, flattened: (batch, features).

    `change`, one of those in `changes`, is made at layer `place`, or at each if "all".
    """
    for i, layer in enumerate(layers):
        here = change if place in (i, "all") else None
        (out, channel, kernel), transposed = layer.W.shape, layer.W.permute(2, 1, 0)
        W = (layer.W.flip(2) if here == "taps reversed" else
             layer.W.transpose(1, 2).reshape(out, channel, kernel) if here == "channel by time" else
             transposed.reshape(out, kernel, channel).transpose(1, 2) if here == "not transposed"
             else transposed.reshape(out, channel, kernel) if here == "only reshaped" else
             layer.W.trunc() if here == "integers" else layer.W)
        x = torch.nn.functional.conv1d(x, W, 0 * layer.b if here == "no bias" else layer.b,
                                       here if isinstance(here, int) else layer.stride)
        y = activate(torch, layer.activation, x)
        slopes = {"no derivative": torch.ones_like(x), "output": y, "input": {
            "Tanh": 1 - x ** 2, "Sigmoid": x * (1 - x)}.get(layer.activation, x > 0)}
        if here in slopes:  # y, but with this derivative
            y = y.detach() + slopes[here].detach() * (x - x.detach())
        x = x if here == "no activation" else torch.relu(y) if here == "ReLU" else y
    return (x.transpose(1, 2) if change == "by position" else x).flatten(1)


def changes(layers):
    """Yield (change, place, words) for each change of each layer, and of all layers.

    `layers` are pairs of a place and the Layer there.
    """
    yield "by position", None, "flattened position by position; it should be channel by channel"
    for i, layer in layers:
        for stride in sorted({1, layer.W.shape[2], 2 * layer.stride, layer.stride // 2}
                             - {0, layer.stride}):
            yield stride, i, "with a stride of %d in %s" % (stride, layer.name)
    everywhere = Layer("each convolution", None, None, None, "activation")
    for place, layer in [*layers, ("all", everywhere)]:
        for change, words in CHANGES.items():
            yield change, place, words % layer._asdict()
