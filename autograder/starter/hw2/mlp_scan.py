"""Sections 3.3 and 3.4: two MLPs that scan, as CNNs."""
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mytorch"))
from activation import ReLU
from conv import Conv1D, Flatten


class CNN_SimpleScanningMLP:
    """Computes what an MLP computes when it scans 8 vectors at a time, with stride 4."""

    def __init__(self):
        # Make self.conv1, self.conv2 and self.conv3, and put them with the activations and a
        # Flatten into the list self.layers.
        raise NotImplementedError

    def __call__(self, x):
        return self.forward(x)

    def init_weights(self, weights):
        """Set W of each convolution; weights are the MLP's matrices, (192, 8), (8, 16), (16, 4)."""
        raise NotImplementedError

    def forward(self, x):
        """Given: x of shape (batch_size, 24, 128) through self.layers, one after the other."""
        out = x
        for layer in self.layers:
            out = layer(out)
        return out

    def backward(self, delta):
        """Given, not graded: needs a `backward` in each layer, activations too."""
        for layer in self.layers[::-1]:
            delta = layer.backward(delta)
        return delta


class CNN_DistributedScanningMLP:
    """The same for the MLP of Figure 3, many of whose neurons share their parameters."""

    def __init__(self):
        # As above, with the sizes that follow from what is shared.
        raise NotImplementedError

    def __call__(self, x):
        return self.forward(x)

    def init_weights(self, weights):
        """Set W of each convolution; entries for absent connections are NaN or 0."""
        raise NotImplementedError

    def forward(self, x):
        """Given: x of shape (batch_size, 24, 128) through self.layers, one after the other."""
        out = x
        for layer in self.layers:
            out = layer(out)
        return out

    def backward(self, delta):
        """Given, not graded: needs a `backward` in each layer, activations too."""
        for layer in self.layers[::-1]:
            delta = layer.backward(delta)
        return delta
