"""A network of convolutions in torch, as it should be or with one thing changed."""
from collections import namedtuple

from .layers import activate

# W of shape (out, in, kernel), a tensor; activation: its name; name: what the report calls it.
Layer = namedtuple("Layer", "name W b stride activation")


def run(torch, x, layers, change=None, place=None):
    """Return what the convolutions and activations make of x, flattened: (batch, features).

    `change` is one of those in `changes`, made at the layer of index `place`, or at all for "all".
    """
    for i, layer in enumerate(layers):
        here, W = change if place in (i, "all") else None, layer.W
        out, channel, kernel = W.shape
        if here == "taps reversed":
            W = W.flip(2)
        elif here == "channel by time":
            W = W.transpose(1, 2).reshape(out, channel, kernel)
        elif here == "not transposed":
            W = W.permute(2, 1, 0).reshape(out, kernel, channel).transpose(1, 2)
        elif here == "only reshaped":
            W = W.permute(2, 1, 0).reshape(out, channel, kernel)
        elif here == "cut to integers":
            W = W.trunc()
        b = 0 * layer.b if here == "no bias" else layer.b
        stride = here if isinstance(here, int) else layer.stride
        x = torch.nn.functional.conv1d(x, W, b, stride)
        y = activate(torch, layer.activation, x)
        if here == "activation left out":
            y = x
        elif here == "ReLU added":
            y = torch.relu(y)
        elif here == "derivative forgotten":
            y = x + (y - x).detach()
        elif here == "output for derivative":
            y = y.detach() + y.detach() * (x - x.detach())
        elif here == "derivative at the input":
            slope = {"Tanh": 1 - x ** 2, "Sigmoid": x * (1 - x), "ReLU": (x > 0) * 1.0}.get(
                layer.activation, torch.ones_like(x)).detach()
            y = y.detach() + slope * (x - x.detach())
        x = y
    return (x.transpose(1, 2) if change == "by position" else x).flatten(1)


CHANGES = [  # of a layer, and what the network then gives
    ("no bias", "without the bias of %(name)s"),
    ("activation left out", "without the %(activation)s after %(name)s"),
    ("ReLU added", "with a ReLU after %(name)s"),
    ("derivative forgotten", "where backward leaves out the derivative of the %(activation)s after"
     " %(name)s"),
    ("output for derivative", "where backward takes the output of the %(activation)s after %(name)s"
     " for its derivative"),
    ("derivative at the input", "where the derivative of the %(activation)s after %(name)s is"
     " computed from its input in place of its output"),
    ("taps reversed", "with the taps of %(name)s in reversed order"),
    ("channel by time", "where the rows of the matrix for %(name)s are taken as channel by time"),
    ("not transposed", "where the matrix for %(name)s is reshaped before it is transposed"),
    ("cut to integers", "where the weights of %(name)s are cut to integers"),
    ("only reshaped", "where the matrix for %(name)s is reshaped and never transposed"),
]


def changes(layers):
    """Return (change, place, sentence) for each change at each place of a network, and at all."""
    found = [("by position", None, "where it is flattened position by position, not channel by"
              " channel")]
    for i, layer in enumerate(layers):
        words = {"name": layer.name, "activation": layer.activation}
        found += [(change, i, sentence % words) for change, sentence in CHANGES]
        strides = {1, layer.W.shape[2], 2 * layer.stride, max(layer.stride // 2, 1)}
        found += [(stride, i, "with a stride of %d in %s" % (stride, layer.name))
                  for stride in sorted(strides - {layer.stride})]
    words = {"name": "each convolution", "activation": "activation"}
    return found + [(change, "all", sentence % words) for change, sentence in CHANGES]
