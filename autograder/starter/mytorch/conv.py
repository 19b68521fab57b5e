"""Section 3.1, Conv1D, and section 3.2, Flatten."""
import numpy as np


class Conv1D:
    """1-D convolution as ``torch.nn.Conv1d`` without padding.

    Parameters
    ----------
    in_channel, out_channel, kernel_size, stride : int
    weight_init_fn, bias_init_fn : callable, optional
        ``weight_init_fn(out_channel, in_channel, kernel_size)`` returns W and
        ``bias_init_fn(out_channel)`` b; by default standard normal, and zeros.

    Attributes
    ----------
    W, dW : ndarray of shape (out_channel, in_channel, kernel_size)
        Weights, and the gradient that `backward` leaves.
    b, db : ndarray of shape (out_channel,)
        Bias, and its gradient.
    """

    def __init__(self, in_channel, out_channel, kernel_size, stride,
                 weight_init_fn=None, bias_init_fn=None):
        # Given: do not change the shape or the name of any of these.
        self.in_channel = in_channel
        self.out_channel = out_channel
        self.kernel_size = kernel_size
        self.stride = stride
        if weight_init_fn is None:
            self.W = np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size))
        else:
            self.W = weight_init_fn(out_channel, in_channel, kernel_size)
        if bias_init_fn is None:
            self.b = np.zeros(out_channel)
        else:
            self.b = bias_init_fn(out_channel)
        self.dW = np.zeros(self.W.shape)
        self.db = np.zeros(self.b.shape)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return y, (batch, out_channel, out_width), for x, (batch, in_channel, in_width)."""
        raise NotImplementedError

    def backward(self, delta):
        """Set dW and db, not averaged; return dx, the loss's derivative with respect to the input.

        delta, the derivative with respect to the output, has the output's shape, dx the input's.
        """
        raise NotImplementedError


class Flatten:
    """Turns what convolutions give into what a linear layer takes."""

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return x, (batch_size, in_channel, in_width), as (batch_size, in_channel * in_width)."""
        raise NotImplementedError

    def backward(self, delta):
        """Return delta, (batch_size, in_channel * in_width), in x's shape."""
        raise NotImplementedError
