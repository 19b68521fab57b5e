"""A multi-layer perceptron: the network that the CNNs of mlp_scan.py slide along the input."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mytorch"))

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
        sizes = list(layer_sizes)
        if len(sizes) < 2:
            raise ValueError("MLP expected layer_sizes to have two sizes or more, got %r" % (sizes,))
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
        ValueError
            If their number or a shape does not fit.
        """
        linear = self.layers[::2]
        shapes = [layer.W.shape for layer in linear]
        if [getattr(matrix, "shape", None) for matrix in weights] != shapes:
            raise ValueError("MLP expected weights of shapes %s, got %s"
                             % (shapes, [getattr(m, "shape", type(m).__name__) for m in weights]))
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
