"""Two CNNs that compute what an MLP computes when it scans the input, 8 vectors at a time."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mytorch"))

import numpy as np

from activation import ReLU
from conv import Conv1D, Flatten


class _Scanner:
    """Base class of the two CNNs: takes the MLP's weights, and runs through ``layers``.

    Raises
    ------
    ValueError
        If weights, x or delta have the wrong shape.
    """

    def init_weights(self, weights):
        """Take the MLP's matrices, (192, 8), (8, 16), (16, 4); the biases stay zero.

        A column holds the weights of one neuron, row = time * channels + channel. A convolution
        takes only its distinct neurons, and only the rows within its kernel.
        """
        weights = [np.array(W) for W in weights]
        shapes, expected = [W.shape for W in weights], [(192, 8), (8, 16), (16, 4)]
        if shapes != expected:
            raise ValueError("expected weights of shapes %s, got %s" % (expected, shapes))
        for conv, W in zip((self.conv1, self.conv2, self.conv3), weights):
            out, time, channel = conv.out_channel, conv.kernel_size, conv.in_channel
            W = W[:time * channel, :out].T.reshape(out, time, channel)
            conv.W = W.transpose(0, 2, 1)  # (out, channel, time)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Scan x, (batch, 24, width): return all positions' outputs, (batch, 4 * positions).

        positions = (width - 8) // 4 + 1: the MLP looks at 8 vectors, with stride 4. The
        outputs are channel-major: one output neuron's at all positions, then the next neuron's.
        """
        x = np.asarray(x)
        if x.ndim == 3 and x.shape[2] < 8:
            raise ValueError("expected x of width 8 or more, got %d" % x.shape[2])
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, delta):
        """Return dL/dx, (batch, 24, width), for delta = dL/doutput, and set each layer's dW, db."""
        for layer in reversed(self.layers):
            delta = layer.backward(delta)
        return delta


class CNN_SimpleScanningMLP(_Scanner):
    """The MLP with 8, 16 and 4 neurons on 8 vectors of 24, with stride 4.

    Each of its first 8 neurons weighs 8 vectors at every position: a filter of kernel 8, stride 4.
    The later layers see one position at a time: kernel 1.

        time     0 1 2 3 4 5 6 7 8 9 ...                128 vectors of 24
                 [===== 8 =====]
                         [===== 8 =====]
        conv1    Conv1D(24,  8, kernel 8, stride 4)     8 x 31
        conv2    Conv1D( 8, 16, kernel 1, stride 1)     16 x 31
        conv3    Conv1D(16,  4, kernel 1, stride 1)     4 x 31, which Flatten makes 124

    A column of the MLP's (192, 8) matrix is one neuron in time order, row = time * 24 + feature:

        (192, 8) --T--> (8, 192) --reshape--> (8 out, 8 time, 24 in)
                                 --transpose--> (8 out, 24 in, 8 time), the W of conv1

    Attributes
    ----------
    conv1, conv2, conv3 : Conv1D
    layers : list
        conv1, ReLU, conv2, ReLU, conv3, Flatten.
    """

    def __init__(self):
        self.conv1 = Conv1D(24, 8, kernel_size=8, stride=4)
        self.conv2 = Conv1D(8, 16, kernel_size=1, stride=1)
        self.conv3 = Conv1D(16, 4, kernel_size=1, stride=1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]


class CNN_DistributedScanningMLP(_Scanner):
    r"""The MLP of Figure 3, whose neurons are shared along time.

    The same 2 neurons look at each pair of vectors, and the same 8 at each pair of pairs.
    Neurons that repeat along time are a convolution with a smaller kernel. The strides multiply
    to the scan's step, 2 * 2 * 1 = 4 vectors, and neighboring positions share work.

        vectors    0 1   2 3   4 5   6 7
                   \ /   \ /   \ /   \ /
        layer 1     2     2     2     2     the same 2: Conv1D(24, 2, kernel 2, stride 2)
                     \   /       \   /
        layer 2        8           8        the same 8: Conv1D( 2, 8, kernel 2, stride 2)
                         \       /
        layer 3              4              sees all:   Conv1D( 8, 4, kernel 2, stride 1)

    In the MLP's matrices the first block has all the distinct weights. The other blocks repeat it,
    or stand for connections that the MLP does not have (a dot, whatever is stored there):

        192 x 8:  a . . .    a is 48 x 2        8 x 16:  b .    b is 4 x 8        16 x 4:  all of it
                  . a . .                                . b
                  . . a .
                  . . . a

    Attributes
    ----------
    conv1, conv2, conv3 : Conv1D
    layers : list
        conv1, ReLU, conv2, ReLU, conv3, Flatten.
    """

    def __init__(self):
        self.conv1 = Conv1D(24, 2, kernel_size=2, stride=2)
        self.conv2 = Conv1D(2, 8, kernel_size=2, stride=2)
        self.conv3 = Conv1D(8, 4, kernel_size=2, stride=1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]
