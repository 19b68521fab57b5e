"""A convolution slides one small linear layer along the input, and keeps all that it says."""
import numpy as np


class Conv1D:
    """1-D convolution as ``torch.nn.Conv1d`` without padding: a cross-correlation plus bias.

    The same weights W read every window x[:, :, t * stride : t * stride + kernel_size]:
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
        If a size is not a positive integer, an array's shape does not fit, x is narrower than
        the kernel, or backward is called before forward.

    Examples
    --------
    >>> conv = Conv1D(1, 1, kernel_size=2, stride=1, weight_init_fn=lambda *shape: np.ones(shape))
    >>> conv([[[1.0, 2.0, 3.0]]])
    array([[[3., 5.]]])
    """

    def __init__(self, in_channel, out_channel, kernel_size, stride,
                 weight_init_fn=None, bias_init_fn=None):
        self.in_channel = _size("in_channel", in_channel)
        self.out_channel = _size("out_channel", out_channel)
        self.kernel_size = _size("kernel_size", kernel_size)
        self.stride = _size("stride", stride)
        self.W = (weight_init_fn or np.random.randn)(out_channel, in_channel, kernel_size)
        self.b = (bias_init_fn or np.zeros)(out_channel)
        self.W, self.b = self._checked_parameters()
        self.dW, self.db = np.zeros(self.W.shape), np.zeros(self.b.shape)
        self.x_shape = self.y_shape = self.windows = None

    def __repr__(self):
        return "Conv1D(%s, %s, kernel_size=%s, stride=%s)" % (
            self.in_channel, self.out_channel, self.kernel_size, self.stride)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return y, (batch, out_channel, out_width), for x of shape (batch, in_channel, in_width).

        out_width = (in_width - kernel_size) // stride + 1. In a loop over the windows this would be
        y[:, :, t] = einsum("nck,ock->no", x[:, :, t * stride:t * stride + kernel_size], W) + b.
        With each window, and the weights that it meets, written as one long vector, it is a linear
        layer, y = windows @ W + b, and one product does for many windows.
        """
        x = _array(self, "x", x, ("batch", self.in_channel, "width"))
        W, b = self._checked_parameters()
        (batch, channel, in_width), (out, _, kernel) = x.shape, W.shape
        if in_width < kernel:
            raise ValueError("%r expected x as wide as its kernel, got width %d" % (self, in_width))
        out_width = (in_width - kernel) // self.stride + 1
        shifts = -(-kernel // self.stride)  # windows that overlap: strides in a kernel, rounded up
        rows = -(-in_width // (shifts * self.stride))  # of windows side by side, for one sample

        x = x.astype(np.result_type(x, W, np.float32), copy=False)
        if kernel == self.stride == 1:  # each step is a window: there is nothing to lay out
            windows, y = [x.copy()], np.matmul(W[:, :, 0], x)
        else:
            windows = self._windows(x, rows, kernel, self.stride)
            W = W.transpose(2, 1, 0).reshape(kernel * channel, out)
            y = self._multiply(windows, W, (batch, rows * shifts, out))[:, :, :out_width]
        y += b[:, np.newaxis]
        self.x_shape, self.y_shape, self.windows = x.shape, y.shape, windows
        return y

    def backward(self, delta):
        """Set dW and db, and return dL/dx, of x's shape, for delta = dL/dy of y's shape.

        W[o, c, k] takes x[n, c, t * stride + k] into y[n, o, t]. So
        dL/dW[o, c, k] sums dL/dy[n, o, t] * x[n, c, t * stride + k] over n and t,
        dL/db[o] sums dL/dy[n, o, t] over n and t, and
        dL/dx[n, c, i] sums W[o, c, k] * dL/dy[n, o, t] over o and all k, t with
        t * stride + k = i: each input hears from every window that it is part of.

        The last is a convolution too. With i = m * stride + p, where p < stride, the sum is over
        t = m, m - 1, m - 2, ... and k = p, p + stride, p + 2 * stride, ...: the window of delta
        that ends at m, times the kernel cut into pieces of a stride, the last piece first.
        """
        delta = _array(self, "delta", delta, self.y_shape)
        W, _ = self._checked_parameters()
        (batch, channel, in_width), (out, _, kernel) = self.x_shape, W.shape
        shifts = len(self.windows)
        rows = -(-in_width // (shifts * self.stride))

        delta = delta.astype(np.result_type(delta, W, self.windows[0]), copy=False)
        if kernel == self.stride == 1:
            dW = np.matmul(delta, self.windows[0].transpose(0, 2, 1)).sum(axis=0)
            dx = np.matmul(W[:, :, 0].T, delta)
        else:
            windows = self._windows(delta, rows, shifts, 1, before=shifts - 1)
            # Window t of x has made y[t], and dL/dy[t] itself stands last in window t of delta.
            dW = sum(d[:, -out:].T @ x for d, x in zip(windows, self.windows))
            # The kernel in pieces of a stride, the last first: (out, channel, shifts, stride).
            pieces = np.zeros((out, channel, shifts * self.stride), W.dtype)
            pieces[:, :, :kernel] = W
            pieces = pieces.reshape(out, channel, shifts, self.stride)[:, :, ::-1]
            W = pieces.transpose(2, 0, 3, 1).reshape(shifts * out, self.stride * channel)
            dx = self._multiply(windows, W, (batch, rows * shifts * self.stride, channel))
        self.dW = dW.reshape(out, kernel, channel).transpose(0, 2, 1)
        self.db = np.einsum("not->o", delta)
        return dx[:, :, :in_width]

    def _checked_parameters(self):
        shape = self.out_channel, self.in_channel, self.kernel_size
        return _array(self, "W", self.W, shape), _array(self, "b", self.b, shape[:1])

    @staticmethod
    def _windows(samples, rows, kernel, stride, before=0):
        """Return the windows of samples, (batch, channel, width), as rows of a few matrices.

        The samples are copied time first: with a step's channels side by side, and the steps one
        after the other, a window is a piece of memory without gaps. Cut into rows as long as the
        kernel, rounded up to whole strides, this memory is a matrix whose rows begin with a window
        each; cut from 1, 2, ... strides later on, it is one with the windows in between. So each
        matrix is a view, and no window is copied. For example, kernel 3 and stride 1 on the steps
        abcdefg, in 3 rows:

            abc   bcd   cde     zeros fill up the rows of each sample, and a row to spare at the
            def   efg   fg0     end; windows that run over a sample's end count for nothing
            g00   000   000
        """
        batch, channel, width = samples.shape
        row = -(-kernel // stride) * stride
        signal = np.zeros((batch * rows + 1, row, channel), samples.dtype)
        steps = signal[:-1].reshape(batch, rows * row, channel)
        steps[:, before:before + width] = samples.transpose(0, 2, 1)
        memory = signal.ravel()
        return [memory[start:start + steps.size].reshape(-1, row * channel)[:, :kernel * channel]
                for start in range(0, row * channel, stride * channel)]

    @staticmethod
    def _multiply(windows, W, shape):
        """Return windows @ W in the windows' order: samples, from shape (batch, width, channel)."""
        y = np.empty((len(windows[0]), len(windows), W.shape[1]), windows[0].dtype)
        for shift, window in enumerate(windows):
            np.matmul(window, W, out=y[:, shift])
        return y.reshape(shape).transpose(0, 2, 1)


class Flatten:
    """Lays the channels of each sample end to end: (batch, channel, width) to 2-D and back.

    Raises
    ------
    ValueError
        If an array's shape does not fit, or backward is called before forward.

    Examples
    --------
    >>> Flatten()([[[1, 2], [3, 4]]])
    array([[1, 2, 3, 4]])
    """

    def __init__(self):
        self.x_shape = self.y_shape = None

    def __repr__(self):
        return "Flatten()"

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return x, (batch, channel, width), in the shape (batch, channel * width)."""
        x = _array(self, "x", x, ("batch", "channel", "width"))
        y = x.reshape(len(x), x.shape[1] * x.shape[2])
        self.x_shape, self.y_shape = x.shape, y.shape
        return y

    def backward(self, delta):
        """Return dL/dx: if y is x in another shape, then dL/dx is delta = dL/dy in x's."""
        return _array(self, "delta", delta, self.y_shape).reshape(self.x_shape)


def _array(layer, name, value, shape):
    """Return value as an array; raise unless it has this shape, where a word fits any length."""
    if shape is None:
        raise ValueError("%r expected forward(x) before backward(delta)" % layer)
    array = np.asarray(value)
    if array.shape != shape and (array.ndim != len(shape) or any(
            n != m and not isinstance(m, str) for n, m in zip(array.shape, shape))):
        raise ValueError("%r expected %s of shape %s, got %s" % (
            layer, name, str(shape).replace("'", ""), array.shape))
    return array


def _size(name, size):
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise ValueError("Conv1D expected %s to be a positive integer, got %r" % (name, size))
    return int(size)
