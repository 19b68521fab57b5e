"""A multi-layer perceptron: the network that the CNNs of mlp_scan.py slide along the input."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mytorch"))

import numpy as np

from activation import ReLU
from linear import Linear


class MLP:
    """Linear layers with ReLU between them, none after the last.

    Parameters
    ----------
    layer_sizes : sequence of int
        Sizes of the input, of each hidden layer and of the output, two or more in all.

    Attributes
    ----------
    layers : list
        Linear, ReLU, Linear, ..., Linear.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or init_weights gets wrong shapes.

    Examples
    --------
    >>> mlp = MLP([2, 1, 1])
    >>> mlp.init_weights([[[1.0], [1.0]], [[3.0]]])
    >>> mlp([[1.0, 1.0], [1.0, -2.0]])
    array([[6.],
           [0.]])
    """

    def __init__(self, layer_sizes):
        if len(layer_sizes) < 2:
            raise ValueError("expected two layer_sizes or more, got %s" % (layer_sizes,))
        self.layers = []
        for in_feature, out_feature in zip(layer_sizes, layer_sizes[1:]):
            self.layers += [Linear(in_feature, out_feature), ReLU()]
        del self.layers[-1]

    def __call__(self, x):
        return self.forward(x)

    def init_weights(self, weights):
        """Take one (in, out) matrix for each linear layer's W; the biases stay zero."""
        weights, linear = [np.array(W) for W in weights], self.layers[::2]
        shapes, expected = [W.shape for W in weights], [layer.W.shape for layer in linear]
        if shapes != expected:
            raise ValueError("expected weights of shapes %s, got %s" % (expected, shapes))
        for layer, W in zip(linear, weights):
            layer.W = W

    def forward(self, x):
        """Return the outputs, (batch, out), for inputs x of shape (batch, in)."""
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, delta):
        """Return dL/dx, (batch, in), for delta = dL/doutput, (batch, out)."""
        for layer in reversed(self.layers):
            delta = layer.backward(delta)
        return delta
