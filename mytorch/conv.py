"""A convolution is one small linear layer that is applied to every window of the input."""
import numpy as np


class Conv1D:
    """1-D convolution as ``torch.nn.Conv1d`` without padding: a cross-correlation plus bias.

    The same W and b are applied to every window x[:, :, t * stride : t * stride + kernel_size]:
    y[n, o, t] = b[o] + sum over c, k of W[o, c, k] * x[n, c, t * stride + k].

    Parameters
    ----------
    in_channel, out_channel, kernel_size, stride : int
        Numbers of channels, the window's width, and the step from one window to the next.
    weight_init_fn, bias_init_fn : callable, optional
        ``weight_init_fn(out_channel, in_channel, kernel_size)`` returns W and
        ``bias_init_fn(out_channel)`` b; by default standard normal from ``np.random``, and zeros.

    Attributes
    ----------
    W, dW : ndarray of shape (out_channel, in_channel, kernel_size)
        Weights, and their gradient summed over batch and positions.
    b, db : ndarray of shape (out_channel,)
        Bias, and its gradient summed likewise.

    Raises
    ------
    ValueError
        If a size is not a positive integer, an array has the wrong shape, or backward is called
        before forward.

    Examples
    --------
    >>> conv = Conv1D(1, 1, kernel_size=2, stride=1, weight_init_fn=lambda *shape: np.ones(shape))
    >>> conv([[[1.0, 2.0, 3.0]]])
    array([[[3., 5.]]])
    """

    def __init__(self, in_channel, out_channel, kernel_size, stride,
                 weight_init_fn=None, bias_init_fn=None):
        for name, size in (("in_channel", in_channel), ("out_channel", out_channel),
                           ("kernel_size", kernel_size), ("stride", stride)):
            if not isinstance(size, (int, np.integer)) or size < 1:
                raise ValueError("expected %s to be a positive integer, got %r" % (name, size))
            setattr(self, name, int(size))
        shape = out_channel, in_channel, kernel_size
        self.W = _array("W", (weight_init_fn or np.random.randn)(*shape), shape)
        self.b = _array("b", (bias_init_fn or np.zeros)(out_channel), (out_channel,))
        self.dW, self.db = np.zeros(shape), np.zeros(out_channel)
        self.cols = self.x_shape = self.y_shape = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return y, (batch, out_channel, out_width), for x of shape (batch, in_channel, in_width).

        out_width = (in_width - kernel_size) // stride + 1. Each window becomes a column of the
        matrix ``cols``, so that one product with W computes all outputs. Tap k of the kernel
        multiplies every stride-th input from k on; these are cols[:, k].
        """
        x = _array("x", x, ("any", self.in_channel, "any")).transpose(1, 0, 2)
        W = _array("W", self.W, (self.out_channel, self.in_channel, self.kernel_size))
        (channel, batch, width), (out, _, kernel) = x.shape, W.shape
        if width < kernel:
            raise ValueError("expected x of width %d or more, got %d" % (kernel, width))
        out_width = (width - kernel) // self.stride + 1

        cols = np.empty((channel, kernel, batch, out_width), np.result_type(x, W, np.float32))
        for k in range(kernel):
            cols[:, k] = x[:, :, k::self.stride][:, :, :out_width]
        y = W.reshape(out, -1) @ cols.reshape(channel * kernel, -1)
        y += _array("b", self.b, (out,))[:, np.newaxis]
        self.cols, self.x_shape, self.y_shape = cols, x.shape, (batch, out, out_width)
        return y.reshape(out, batch, out_width).transpose(1, 0, 2)

    def backward(self, delta):
        """Set dW and db, and return dL/dx, of x's shape, for delta = dL/dy of y's shape.

        W[o, c, k] takes x[n, c, t * stride + k] into y[n, o, t]. So
        dL/dW[o, c, k] sums dL/dy[n, o, t] * x[n, c, t * stride + k] over n and t,
        dL/db[o] sums dL/dy[n, o, t] over n and t, and
        dL/dx[n, c, i] sums W[o, c, k] * dL/dy[n, o, t] over o and all k, t with
        t * stride + k = i: each input receives gradient from every window that contains it.
        """
        delta = _array("delta", delta, self.y_shape).transpose(1, 0, 2)
        W = _array("W", self.W, (self.out_channel, self.in_channel, self.kernel_size))
        (out, _, out_width), (_, _, kernel) = delta.shape, W.shape
        delta = delta.astype(np.result_type(delta, self.cols), copy=False).reshape(out, -1)

        self.dW = (delta @ self.cols.reshape(W[0].size, -1).T).reshape(W.shape)
        self.db = delta.sum(axis=1)
        dcols = (W.reshape(out, -1).T @ delta).reshape(self.cols.shape)
        dx = np.zeros(self.x_shape, dcols.dtype)
        for k in range(kernel):
            dx[:, :, k::self.stride][:, :, :out_width] += dcols[:, k]
        return dx.transpose(1, 0, 2)


class Flatten:
    """Lays the channels of each sample end to end: (batch, channel, width) to 2-D and back.

    Raises ValueError if an array has the wrong shape, or backward is called before forward.
    """

    def __init__(self):
        self.x_shape = self.y_shape = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return x, (batch, channel, width), in the shape (batch, channel * width)."""
        x = _array("x", x, ("any", "any", "any"))
        self.x_shape, self.y_shape = x.shape, (len(x), x.shape[1] * x.shape[2])
        return x.reshape(self.y_shape)

    def backward(self, delta):
        """Return dL/dx: delta = dL/dy in x's shape, as y is x in another."""
        return _array("delta", delta, self.y_shape).reshape(self.x_shape)


# Also in linear.py: each file can be imported alone, as `conv` and as `mytorch.conv`.
def _array(name, value, shape):
    """Return value as an array; raise unless it has this shape, in which "any" fits any length."""
    if shape is None:
        raise ValueError("expected forward(x) before backward(%s)" % name)
    array = np.asarray(value)
    if len(shape) != array.ndim or any(m not in (n, "any") for m, n in zip(shape, array.shape)):
        raise ValueError("expected %s of shape %s, got %s" % (name, shape, array.shape))
    return array
