"""A convolution is one small linear layer that is applied to every window of the input."""
import numpy as np


class Conv1D:
    """1-D convolution as ``torch.nn.Conv1d`` without padding: a cross-correlation plus bias.

    y[n, o, t] = b[o] + sum over c, k of W[o, c, k] * x[n, c, t * stride + k]. Bad arguments and
    calls out of order raise ValueError or TypeError.

    >>> Conv1D(1, 1, 2, 1, weight_init_fn=lambda *shape: np.ones(shape))([[[1.0, 2.0, 3.0]]])
    array([[[3., 5.]]])

    Parameters
    ----------
    in_channel, out_channel, kernel_size, stride : int
    weight_init_fn, bias_init_fn : callable, optional
        Return W and b, called with their sizes; by default ``np.random.randn`` and ``np.zeros``.

    Attributes
    ----------
    W, dW : ndarray of shape (out_channel, in_channel, kernel_size)
    b, db : ndarray of shape (out_channel,)
        Weights and bias, and their gradients summed over batch and positions.
    """

    def __init__(self, in_channel, out_channel, kernel_size, stride,
                 weight_init_fn=None, bias_init_fn=None):
        for name, size in (("in_channel", in_channel), ("out_channel", out_channel),
                           ("kernel_size", kernel_size), ("stride", stride)):
            if not isinstance(size, (int, np.integer)) or size is True or size < 1:
                raise ValueError("expected %s to be a positive integer, got %r" % (name, size))
            setattr(self, name, int(size))
        shape = (self.out_channel, self.in_channel, self.kernel_size)
        self.W = _initial("weight_init_fn", weight_init_fn, np.random.randn, shape)
        self.b = _initial("bias_init_fn", bias_init_fn, np.zeros, shape[:1])
        self.dW = np.zeros(shape, self._matrices()[0].dtype)
        self.db = np.zeros(shape[:1], self.dW.dtype)
        self.x = self.y_shape = None

    def __call__(self, x):
        return self.forward(x)

    def __repr__(self):
        return "Conv1D(%d, %d, kernel_size=%d, stride=%d)" % (
            self.in_channel, self.out_channel, self.kernel_size, self.stride)

    def forward(self, x):
        """Return y = W @ unfold(x) + b, (batch, out_channel, out_width), and keep x, not a copy.

        x is (batch, in_channel, in_width); out_width = (in_width - kernel_size) // stride + 1.
        """
        x = _array("x", x, ("batch", self.in_channel, "width"))
        out_width = (x.shape[2] - self.kernel_size) // self.stride + 1
        if out_width < 1:
            raise ValueError("expected x of width %d or more, got %s" % (self.kernel_size, x.shape))
        W, b = self._matrices()
        y = np.empty((len(x), self.out_channel, out_width), np.result_type(W, x))
        for part in blocks(len(x), W.shape[1] * out_width):
            out = W @ unfold(x[part], self.kernel_size, self.stride)
            y[part] = out.reshape(self.out_channel, -1, out_width).swapaxes(0, 1)
        y += b
        self.x = x
        self.y_shape = y.shape
        return y

    def backward(self, delta):
        """Set dW and db, and return dL/dx, of x's shape, for delta = dL/dy of y's shape.

        If y = W @ unfold(x) + b, then dL/dW = dL/dy @ unfold(x).T, dL/db is the sum of dL/dy
        over batch and positions, and dL/dx = fold(W.T @ dL/dy).
        """
        delta = _array("delta", delta, self.y_shape)
        W, _ = self._matrices()
        dW = np.zeros(W.shape, np.result_type(delta, self.x))
        dx = np.empty(self.x.shape, np.result_type(W, delta))
        for part in blocks(len(delta), W.shape[1] * delta.shape[2]):
            dy = delta[part].swapaxes(0, 1).reshape(self.out_channel, -1)
            dW += dy @ unfold(self.x[part], self.kernel_size, self.stride).T
            dx[part] = fold(W.T @ dy, dx[part].shape, self.kernel_size, self.stride)
        self.dW = dW.reshape(np.shape(self.W))
        self.db = delta.sum(axis=(0, 2))
        return dx

    def _matrices(self):  # W as (out_channel, in_channel * kernel_size), b as a column
        W = _array("W", self.W, (self.out_channel, self.in_channel, self.kernel_size))
        b = _array("b", self.b, (self.out_channel,))
        return W.reshape(len(W), -1), b[:, np.newaxis]


def unfold(x, kernel, stride):
    """Return the windows of x as columns: row (c, k), column (n, t) is x[n, c, t * stride + k]."""
    batch, channel, width = x.shape
    cols = np.empty((channel, kernel, batch, (width - kernel) // stride + 1), x.dtype)
    for k in range(kernel):
        cols[:, k] = x[:, :, k:width - kernel + 1 + k:stride].swapaxes(0, 1)
    return cols.reshape(channel * kernel, -1)


def fold(cols, x_shape, kernel, stride):
    """Return the transpose of `unfold`: for each input, the sum of its places in the columns."""
    x = np.zeros(x_shape, cols.dtype)
    for k in range(kernel):
        tap = x[:, :, k:x.shape[2] - kernel + 1 + k:stride].swapaxes(0, 1)
        tap += cols[k::kernel].reshape(tap.shape)
    return x


def blocks(batch, size):
    """Yield slices of the batch, as all columns at once may take kernel_size times x's memory.

    A sample has `size` numbers in its columns; a slice has 2**20 or fewer, or one sample.
    """
    step = max(2 ** 20 // size, 1)
    for start in range(0, batch, step):
        yield slice(start, start + step)


class Flatten:
    """Lays the channels of each sample end to end: (batch, channel, width) to 2-D and back."""

    x_shape = y_shape = None  # of the last forward

    def __call__(self, x):
        return self.forward(x)

    def __repr__(self):
        return "Flatten()"

    def forward(self, x):
        """Return x, (batch, channel, width), in the shape (batch, channel * width)."""
        x = _array("x", x, ("batch", "channel", "width"))
        batch, channel, width = x.shape
        self.x_shape = x.shape
        self.y_shape = (batch, channel * width)
        return x.reshape(self.y_shape)

    def backward(self, delta):
        """Return dL/dx: delta = dL/dy in x's shape, as y is x in another."""
        return _array("delta", delta, self.y_shape).reshape(self.x_shape)


# Also in linear.py: each file can be imported alone, as `conv` and as `mytorch.conv`.
def _initial(name, init_fn, default, shape):
    if init_fn is None:
        init_fn = default
    try:
        return np.asarray(init_fn(*shape))
    except TypeError as error:
        raise TypeError("expected %s%s to give an array, got %r" % (name, shape, error)) from error


def _array(name, value, shape):
    """Return value as floats; raise unless it has this shape, in which a string fits any length."""
    if shape is None:
        raise ValueError("expected forward(x) before backward(%s)" % name)
    array = np.asarray(value)
    fits = (n == m or isinstance(n, str) for m, n in zip(array.shape, shape))
    if array.ndim != len(shape) or not all(fits):
        shape = str(shape).replace("'", "")
        raise ValueError("expected %s of shape %s, got %s" % (name, shape, array.shape))
    return array.astype(np.result_type(array.dtype, np.float32), copy=False)
