"""A convolution slides one small linear layer along the input and keeps what it says at each stop."""
import numbers

import numpy as np

BLOCK = 2 ** 15  # numbers in a temporary product: in the cache, and cheap for the allocator


class Conv1D:
    """1-D convolution as ``torch.nn.Conv1d`` without padding: a cross-correlation plus bias.

    The same weights W read every window x[:, :, t * stride : t * stride + kernel_size]:
    out[n, o, t] = b[o] + sum over c, k of W[o, c, k] * x[n, c, t * stride + k].

    Inside, time comes first: with the channels of a time step side by side, and the steps one
    after the other, a window is a piece of memory without gaps. Cut into rows at least a kernel
    long, the signal is a matrix whose rows begin with a window each: one matrix product reads
    them all where they are. The same rows from 1, 2, ... strides later on hold the others.

    Parameters
    ----------
    in_channel, out_channel, kernel_size, stride : int
        Numbers of channels, the window's width, and the step from one window to the next.
    weight_init_fn : callable, optional
        ``weight_init_fn(out_channel, in_channel, kernel_size)`` returns W; standard normal
        from ``np.random`` by default.
    bias_init_fn : callable, optional
        ``bias_init_fn(out_channel)`` returns b; zeros by default.

    Attributes
    ----------
    W, dW : ndarray of shape (out_channel, in_channel, kernel_size)
        Weights, and their gradient summed over batch and positions.
    b, db : ndarray of shape (out_channel,)
        Bias, and its gradient summed likewise.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer or an init function's array does not fit.

    Examples
    --------
    >>> conv = Conv1D(1, 1, kernel_size=2, stride=1, weight_init_fn=lambda *shape: np.ones(shape))
    >>> conv(np.array([[[1.0, 2.0, 3.0]]]))
    array([[[3., 5.]]])
    """

    def __init__(self, in_channel, out_channel, kernel_size, stride,
                 weight_init_fn=None, bias_init_fn=None):
        self.in_channel = _size("in_channel", in_channel)
        self.out_channel = _size("out_channel", out_channel)
        self.kernel_size = _size("kernel_size", kernel_size)
        self.stride = _size("stride", stride)
        shape = self.out_channel, self.in_channel, self.kernel_size
        self.W = _initial("weight_init_fn", weight_init_fn, np.random.randn, *shape)
        self.b = _initial("bias_init_fn", bias_init_fn, np.zeros, self.out_channel)
        _check_parameters(self)
        self.dW = np.zeros(self.W.shape, np.result_type(self.W, np.float32))
        self.db = np.zeros(self.b.shape, np.result_type(self.b, np.float32))
        self.x = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Apply W to every window: window @ W for all windows of a shift at once.

        Parameters
        ----------
        x : ndarray of shape (batch, in_channel, in_width)
            Kept, not copied, for ``backward``.

        Returns
        -------
        ndarray of shape (batch, out_channel, out_width)
            out_width = (in_width - kernel_size) // stride + 1. A view, stored time first.

        Raises
        ------
        TypeError, ValueError
            If x, W or b is not a real array of its shape, or x is narrower than the kernel.
        """
        _check_forward(self, x)
        self.x = x
        dtype = np.result_type(x, self.W, np.float32)
        out_width, rows, row, shifts = _layout(self, x.shape[2])
        W = self.W.transpose(2, 1, 0).reshape(-1, self.out_channel).astype(dtype)
        signal = _time_first(x, rows, row, dtype)
        out = np.empty((len(x) * rows, shifts, self.out_channel), dtype)
        with np.errstate(all="ignore"):  # inf and nan pass through quietly, as in torch
            for i, windows in enumerate(_shifted(signal, self, shifts)):
                np.matmul(windows, W, out=out[:, i])
            out += self.b
        return _channel_first(out, len(x), out_width)  # without windows that run over the end

    def backward(self, delta):
        """Set dW and db, and pass the gradient on.

        W[o, c, k] meets x[n, c, t * stride + k] on its way into out[n, o, t]. So
        dL/dW[o, c, k] sums dL/dout[n, o, t] * x[n, c, t * stride + k] over n and t,
        dL/db[o] sums dL/dout[n, o, t] over n and t, and
        dL/dx[n, c, i] sums W[o, c, k] * dL/dout[n, o, t] over o and all k, t with
        t * stride + k = i: each input hears from every window that it is part of.

        Parameters
        ----------
        delta : ndarray of shape (batch, out_channel, out_width)
            dL/dout.

        Returns
        -------
        ndarray of shape (batch, in_channel, in_width)
            dL/dx, zero for inputs past the last window. A view, stored time first.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        _check_backward(self, delta)
        batch, _, in_width = self.x.shape
        dtype = np.result_type(self.x, self.W, delta, np.float32)
        _, rows, row, shifts = _layout(self, in_width)
        W = self.W.transpose(0, 2, 1).reshape(self.out_channel, -1).astype(dtype)
        used = (delta.shape[2] - 1) * self.stride + self.kernel_size  # by some window
        signal = _time_first(self.x[:, :, :used], rows, row, dtype)
        shifted = _shifted(signal, self, shifts)
        delta_rows = _time_first(delta, rows, shifts, dtype)[:-1]
        with np.errstate(all="ignore"):
            dW = sum(np.matmul(delta_rows[:, i].T, windows) for i, windows in enumerate(shifted))
            self.dW = dW.reshape(self.out_channel, self.kernel_size, -1).transpose(0, 2, 1)
            self.db = delta.sum(axis=(0, 2), dtype=dtype)

            signal[...] = 0  # it becomes dx: new memory would cost more than the old's clearing
            block = max(256, BLOCK // W.shape[1])  # rows: fewer would slow the product
            share = np.empty((min(block, batch * rows), W.shape[1]), dtype)
            for i, windows in enumerate(shifted):
                for j in range(0, batch * rows, block):
                    part = windows[j:j + block]
                    if i == 0:  # nothing is there yet to add to
                        np.matmul(delta_rows[j:j + block, i], W, out=part)
                    else:
                        part += np.matmul(delta_rows[j:j + block, i], W, out=share[:len(part)])
        return _channel_first(signal[:-1], batch, in_width)


def _layout(conv, in_width):
    """Return out_width, the rows of a sample, a row's time steps, and how many shifts there are."""
    out_width = (in_width - conv.kernel_size) // conv.stride + 1
    shifts = -(-conv.kernel_size // conv.stride)
    row = shifts * conv.stride
    return out_width, -(-in_width // row), row, min(shifts, out_width)


def _shifted(signal, conv, shifts):
    """Return a matrix for each shift, (rows, kernel * channel), of the rows' windows: views."""
    rows, row, channel = signal.shape
    size = (rows - 1) * row * channel
    starts = [i * conv.stride * channel for i in range(shifts)]
    return [signal.reshape(-1)[start:start + size].reshape(rows - 1, row * channel)
            [:, :conv.kernel_size * channel] for start in starts]


def _time_first(samples, rows, row, dtype):
    """Copy (batch, channel, width) into rows of `row` time steps, zeros behind each sample.

    Returns an array of shape (batch * rows + 1, row, channel): a row to spare, for the shifts.
    """
    batch, channel, width = samples.shape
    signal = np.empty((batch * rows + 1, row, channel), dtype)
    inside = _channel_first(signal[:-1], batch, rows * row)
    inside[:, :, :width] = samples
    inside[:, :, width:] = 0
    signal[-1] = 0
    return signal


def _channel_first(signal, batch, width):
    """Return rows of time steps as the samples that they are, (batch, channel, width): a view."""
    rows, row, channel = signal.shape
    steps = rows * row // batch if batch else width
    return signal.reshape(batch, steps, channel)[:, :width].transpose(0, 2, 1)


class Flatten:
    """Lays the channels of each sample end to end: (batch, channel, width) to 2-D and back."""

    def __init__(self):
        self.shape = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return x as (batch, channel * width), channel-major.

        Parameters
        ----------
        x : ndarray of shape (batch, channel, width)

        Returns
        -------
        ndarray of shape (batch, channel * width)

        Raises
        ------
        TypeError, ValueError
            If x is not a real array of three dimensions.
        """
        _check("x", x, ("batch", "channel", "width"), "Flatten")
        self.shape = x.shape
        return x.reshape(len(x), x.shape[1] * x.shape[2])

    def backward(self, delta):
        """Undo forward: if y is x in another shape, then dL/dx is dL/dy in x's.

        Parameters
        ----------
        delta : ndarray of shape (batch, channel * width)
            dL/dy.

        Returns
        -------
        ndarray of shape (batch, channel, width)
            dL/dx.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        if self.shape is None:
            raise ValueError("Flatten expected forward(x) before backward(delta)")
        batch, channel, width = self.shape
        _check("delta", delta, (batch, channel * width), "Flatten")
        return delta.reshape(self.shape)


def _check_parameters(conv):
    _check("W", conv.W, (conv.out_channel, conv.in_channel, conv.kernel_size))
    _check("b", conv.b, (conv.out_channel,))


def _check_forward(conv, x):
    _check("x", x, ("batch", conv.in_channel, "width"))
    if x.shape[2] < conv.kernel_size:
        raise ValueError("Conv1D expected x at least as wide as its kernel, %d, got width %d"
                         % (conv.kernel_size, x.shape[2]))
    _check_parameters(conv)


def _check_backward(conv, delta):
    if conv.x is None:
        raise ValueError("Conv1D expected forward(x) before backward(delta)")
    out_width = (conv.x.shape[2] - conv.kernel_size) // conv.stride + 1
    _check("delta", delta, (len(conv.x), conv.out_channel, out_width))
    _check_parameters(conv)


def _size(name, value):
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError("Conv1D expected %s to be an integer, got %r" % (name, value))
    if value < 1:
        raise ValueError("Conv1D expected %s to be positive, got %d" % (name, value))
    return int(value)


def _initial(name, init_fn, default, *shape):
    if init_fn is None:
        return default(*shape)
    if not callable(init_fn):
        raise TypeError("Conv1D expected %s to be a function, got %r" % (name, init_fn))
    return init_fn(*shape)


def _check(name, x, shape, layer="Conv1D"):
    """Raise unless x is a real array of this shape, where a word stands for any length."""
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
        got = "dtype %s" % x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError("%s expected %s to be an array of real numbers, got %s"
                        % (layer, name, got))
    if x.shape != shape and (len(x.shape) != len(shape) or [
            n for n, m in zip(x.shape, shape) if n != m and m.__class__ is not str]):
        shape = "(%s%s)" % (", ".join(map(str, shape)), "," * (len(shape) == 1))
        raise ValueError("%s expected %s of shape %s, got %s" % (layer, name, shape, x.shape))
