"""Two CNNs that compute what an MLP computes when it scans the input, 8 vectors at a time.

A neuron that looks at `kernel` neighbouring vectors, again every `stride` of them, is a
convolution's filter: its incoming weights, arranged as channel by time, are the kernel.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mytorch"))

import numpy as np

from activation import ReLU
from conv import Conv1D, Flatten

WINDOW = 8  # vectors that the MLP sees at a time
MLP_SHAPES = [(24 * WINDOW, 8), (8, 16), (16, 4)]  # (in, out)


class _ScanningCNN:
    """Three convolutions with ReLU between them, then Flatten.

    Attributes
    ----------
    conv1, conv2, conv3 : Conv1D
    layers : list
        conv1, ReLU, conv2, ReLU, conv3, Flatten.
    """

    def __init__(self, conv1, conv2, conv3):
        self.conv1, self.conv2, self.conv3 = conv1, conv2, conv3
        self.layers = [conv1, ReLU(), conv2, ReLU(), conv3, Flatten()]

    def __call__(self, x):
        return self.forward(x)

    def init_weights(self, weights):
        """Turn the MLP's matrices into the convolutions' weights; the biases stay zero.

        A column of a matrix holds one neuron's incoming weights in time order,
        row = time * channels + channel. Where neurons are shared, the first block, kernel *
        channels rows of the first out_channel columns, holds all there is to know: the other
        blocks repeat it or belong to connections that the MLP does not have.

        Parameters
        ----------
        weights : sequence of three ndarray of shape (192, 8), (8, 16), (16, 4)

        Raises
        ------
        TypeError, ValueError
            If they are not three real arrays of these shapes.
        """
        _check_weights(weights)
        for conv, matrix in zip([self.conv1, self.conv2, self.conv3], weights):
            out, channel, kernel = conv.out_channel, conv.in_channel, conv.kernel_size
            block = matrix[:kernel * channel, :out]
            conv.W = block.T.reshape(out, kernel, channel).transpose(0, 2, 1).copy()

    def forward(self, x):
        """Scan x: all evaluations of the MLP at once.

        Parameters
        ----------
        x : ndarray of shape (batch, 24, width)

        Returns
        -------
        ndarray of shape (batch, 4 * positions)
            positions = (width - 8) // 4 + 1, channel-major.

        Raises
        ------
        TypeError, ValueError
            If x is not a real array of that shape, or is narrower than 8.
        """
        if isinstance(x, np.ndarray) and x.ndim == 3 and x.shape[2] < WINDOW:
            raise ValueError("%s expected x of width %d or more, got %d"
                             % (type(self).__name__, WINDOW, x.shape[2]))
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, delta):
        """Pass the gradient back through every layer, and leave each one's dW and db set.

        Parameters
        ----------
        delta : ndarray of shape (batch, 4 * positions)
            dL/doutput.

        Returns
        -------
        ndarray of shape (batch, 24, width)
            dL/dx.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        for layer in reversed(self.layers):
            delta = layer.backward(delta)
        return delta


class CNN_SimpleScanningMLP(_ScanningCNN):
    """The MLP with no shared neurons: its first layer sees all 8 vectors, stepping by 4.

    The later layers see one position at a time.
    """

    def __init__(self):
        super().__init__(Conv1D(24, 8, 8, 4), Conv1D(8, 16, 1, 1), Conv1D(16, 4, 1, 1))


class CNN_DistributedScanningMLP(_ScanningCNN):
    """The MLP of Figure 3: 2 neurons on every 2 vectors, 8 on every 2 such pairs, 4 on all.

    The strides 2, 2 and 1 multiply to the scan's step of 4 vectors.
    """

    def __init__(self):
        super().__init__(Conv1D(24, 2, 2, 2), Conv1D(2, 8, 2, 2), Conv1D(8, 4, 2, 1))


def _check_weights(weights, shapes=MLP_SHAPES):
    if not hasattr(weights, "__len__"):
        raise TypeError("init_weights expected weights to be a list, got %r" % (weights,))
    if len(weights) != len(shapes):
        raise ValueError("init_weights expected %d weights, got %d" % (len(shapes), len(weights)))
    for i, (W, shape) in enumerate(zip(weights, shapes)):
        if not isinstance(W, np.ndarray) or W.dtype.kind not in "fiu":
            raise TypeError("init_weights expected weights[%d] to be an array of real numbers, got %s"
                            % (i, getattr(W, "dtype", type(W).__name__)))
        if W.shape != shape:
            raise ValueError("init_weights expected weights[%d] of shape %s, got %s"
                             % (i, shape, W.shape))
