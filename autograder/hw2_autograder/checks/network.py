"""A network of convolutions in torch, as it should be or with one thing changed."""
from collections import namedtuple

from .layers import activate

# W of shape (out, in, kernel), a tensor; activation: its name; name: what the report calls it.
Layer = namedtuple("Layer", "name W b stride activation")


def run(torch, x, layers, change=None, place=None):
    """Return what the convolutions and activations make of x, flattened: (batch, features).

    `change` is one of those in `changes`, made at the layer of index `place`.
    """
    for i, layer in enumerate(layers):
        here, W = change if i == place else None, layer.W
        out, channel, kernel = W.shape
        if here == "taps reversed":
            W = W.flip(2)
        elif here == "channel by time":
            W = W.transpose(1, 2).reshape(out, channel, kernel)
        elif here == "not transposed":
            W = W.permute(2, 1, 0).reshape(out, kernel, channel).transpose(1, 2)
        elif here == "neither":
            W = W.permute(2, 1, 0).reshape(out, channel, kernel)
        b = 0 * layer.b if here == "no bias" else layer.b
        x = torch.nn.functional.conv1d(x, W, b, 1 if here == "stride 1" else layer.stride)
        y = activate(torch, layer.activation, x)
        if here == "activation left out":
            y = x
        elif here == "activation added":
            y = torch.relu(y)
        elif here == "derivative forgotten":
            y = x + (y - x).detach()
        elif here == "derivative at the input":
            slope = {"Tanh": 1 - x ** 2, "Sigmoid": x * (1 - x), "ReLU": (x > 0) * 1.0}.get(
                layer.activation, torch.ones_like(x)).detach()
            y = y.detach() + slope * (x - x.detach())
        x = y
    return (x.transpose(1, 2) if change == "by position" else x).flatten(1)


def changes(layers):
    """Return (change, place, sentence) for each change at each place of a network."""
    found = [("by position", None, "what comes from flattening position by position: in x, and so"
              " in what Flatten gives, the channel comes first")]
    for i, layer in enumerate(layers):
        name, (_, channel, kernel) = layer.name, layer.W.shape
        found.append(("no bias", i, "what the network gives without the bias of %s" % name))
        if layer.activation == "Identity":
            found.append(("activation added", i, "what the network gives with a ReLU after %s,"
                          " where none belongs" % name))
        else:
            found += [(change, i, sentence % (layer.activation, name)) for change, sentence in (
                ("activation left out", "what the network gives without the %s after %s"),
                ("derivative forgotten", "what the network gives where backward forgets the"
                 " derivative of the %s after %s"),
                ("derivative at the input", "what the network gives where the derivative of the %s"
                 " after %s is computed from its input in place of its output"))]
        if kernel > 1:
            found.append(("taps reversed", i, "what the network gives with the taps of %s in"
                          " reversed order" % name))
        if kernel > 1 and channel > 1:
            found.append(("channel by time", i, "what the network gives where the rows for %s are"
                          " taken as channel by time; they are time by channel" % name))
            found.append(("neither", i, "what the network gives where the matrix for %s is reshaped"
                          " without being transposed, before or after" % name))
        found.append(("not transposed", i, "what the network gives where the matrix for %s is"
                      " reshaped without being transposed first" % name))
        if layer.stride > 1:
            found.append(("stride 1", i, "what the network gives with a stride of 1 in %s" % name))
    return found
