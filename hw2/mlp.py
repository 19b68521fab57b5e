"""A multi-layer perceptron: the network that the CNNs of mlp_scan.py slide along the input."""
import numbers
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
    TypeError, ValueError
        If there are fewer than two sizes, or one is not a positive integer.
    """

    def __init__(self, layer_sizes):
        if not hasattr(layer_sizes, "__len__"):
            raise TypeError("MLP expected layer_sizes to be a list, got %r" % (layer_sizes,))
        sizes = list(layer_sizes)
        if len(sizes) < 2:
            raise ValueError("MLP expected layer_sizes to have two sizes or more, got %r" % (sizes,))
        for i, size in enumerate(sizes):
            if not isinstance(size, numbers.Integral) or isinstance(size, bool):
                raise TypeError("MLP expected layer_sizes[%d] to be an integer, got %r" % (i, size))
            if size < 1:
                raise ValueError("MLP expected layer_sizes[%d] to be positive, got %d" % (i, size))
        self.layers = []
        for in_feature, out_feature in zip(sizes, sizes[1:]):
            self.layers += [Linear(in_feature, out_feature), ReLU()]
        del self.layers[-1]

    def __call__(self, x):
        return self.forward(x)

    def init_weights(self, weights):
        """Set W of each linear layer; the biases stay zero.

        Parameters
        ----------
        weights : sequence of ndarray of shape (in, out)
            One for each linear layer.

        Raises
        ------
        TypeError, ValueError
            If they are not real arrays of the layers' shapes.
        """
        linear = self.layers[::2]
        _check_weights(weights, [(layer.in_feature, layer.out_feature) for layer in linear])
        for layer, matrix in zip(linear, weights):
            layer.W = matrix.copy()

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


def _check_weights(weights, shapes):
    if not hasattr(weights, "__len__"):
        raise TypeError("MLP expected weights to be a list, got %r" % (weights,))
    if len(weights) != len(shapes):
        raise ValueError("MLP expected %d weights, got %d" % (len(shapes), len(weights)))
    for i, (W, shape) in enumerate(zip(weights, shapes)):
        if not isinstance(W, np.ndarray) or W.dtype.kind not in "fiu":
            raise TypeError("MLP expected weights[%d] to be an array of real numbers, got %s"
                            % (i, getattr(W, "dtype", type(W).__name__)))
        if W.shape != shape:
            raise ValueError("MLP expected weights[%d] of shape %s, got %s"
                             % (i, shape, W.shape))
