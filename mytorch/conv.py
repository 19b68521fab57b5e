"""A convolution slides one small linear layer along the input and keeps what it says at each stop.

Inside, time comes first. With the channels of a time step side by side in memory, and the steps one
after the other, a window is a piece of memory without gaps. Cut into rows at least a kernel long,
the signal is a matrix whose rows begin with a window each, and a matrix product reads them all
where they are: the input is copied once, into this layout, and no window is. The same rows from
1, 2, ... strides later on hold the other windows. So there are kernel / stride *shifts*, rounded
up. Kernel 3 and stride 1 on the steps abcdefg, for example:

    rows     shift 0   shift 1   shift 2
    a b c    a b c     b c d     c d e
    d e f    d e f     e f g     f g 0    a window that runs over the end counts for nothing
    g 0 0    g 0 0     0 0 0     0 0 0
"""
import math
import numbers

import numpy as np

ROWS = 512  # in a product: enough for it to be fast, few enough for the cache
ROOM = 2 ** 20  # numbers laid out at a time in backward, or those of one sample if they are more

# glibc gives freed memory back to the system, and the next pass gets it again page by page, which
# can double its time: unless a piece this large (32 MiB is the limit) was freed before. This holds
# for the whole process, and nothing is ever written to the piece.
np.empty(2 ** 25 - 2 ** 16, np.uint8)


class Conv1D:
    """1-D convolution as ``torch.nn.Conv1d`` without padding: a cross-correlation plus bias.

    The same weights W read every window x[:, :, t * stride : t * stride + kernel_size]:
    out[n, o, t] = b[o] + sum over c, k of W[o, c, k] * x[n, c, t * stride + k].

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
        self.shape = self.signal = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Apply W to every window: window @ W, many windows at a time.

        Parameters
        ----------
        x : ndarray of shape (batch, in_channel, in_width)
            Not to be changed before ``backward``, as it may be kept without a copy.

        Returns
        -------
        ndarray of shape (batch, out_channel, out_width)
            out_width = (in_width - kernel_size) // stride + 1. Mostly a view of time-first memory.

        Raises
        ------
        TypeError, ValueError
            If x, W or b is not a real array of its shape, or x is narrower than the kernel.
        """
        _check_forward(self, x)
        self.shape, self.signal = x.shape, None
        out_width, rows, row, shifts = _layout(self)
        dtype = np.result_type(x, self.W, np.float32)
        with np.errstate(all="ignore"):  # inf and nan pass through quietly, as in torch
            if _is_pointwise(self):
                self.signal = x.astype(dtype, copy=False)
                out = np.matmul(_matrix(self.W, dtype).T, self.signal)
                out += self.b[:, np.newaxis]
                return out
            self.signal = _time_first(x, rows, row, dtype)
            out = np.empty((len(x) * rows, shifts, self.out_channel), dtype)
            windows, W = _windows(self.signal, self, shifts), _matrix(self.W, dtype)
            for j in range(0, len(out), ROWS):
                np.matmul(windows[:, j:j + ROWS], W, out=out[j:j + ROWS].transpose(1, 0, 2))
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
            dL/dx, zero for inputs past the last window. A view like the output.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        _check_backward(self, delta)
        dtype = np.result_type(self.signal, self.W, delta, np.float32)
        W = _matrix(self.W, dtype)
        with np.errstate(all="ignore"):
            if _is_pointwise(self):
                dx = np.matmul(W, delta)
                dW = np.matmul(delta, self.signal.transpose(0, 2, 1)).sum(axis=0)
            else:
                dx, dW = _gradients(self, delta, W)
            self.db = delta.sum(axis=(0, 2), dtype=dtype)
        self.dW = dW.reshape(-1, self.kernel_size, self.in_channel).transpose(0, 2, 1)
        return dx


def _gradients(conv, delta, W):
    """Return dx and dW, for W as a matrix, (kernel * channel, out), and dW as one, (out, ...).

    For the windows of one shift, out = windows @ W. So dL/dwindows = dL/dout @ W.T, added up in
    dx where the windows lie, and dL/dW.T = dL/dout.T @ windows, added up over the shifts.
    """
    batch, _, in_width = conv.shape
    _, rows, _, shifts = _layout(conv)
    dW = np.zeros(W.T.shape, W.dtype)
    dx = np.empty(conv.signal.shape, W.dtype)
    dx[:-1, conv.kernel_size:] = 0  # the gaps between the windows of shift 0, which come first
    size = max(1, ROOM // (rows * shifts * conv.out_channel))  # of a piece, in samples
    block = max(1, min(ROWS, ROOM // len(W)))  # of a product, in rows
    for n in range(0, batch, size):
        part = slice(n * rows, (n + size) * rows + 1)
        windows = _windows(conv.signal[part], conv, shifts)
        dwindows = _windows(dx[part], conv, shifts)
        dout = _time_first(delta[n:n + size], rows, shifts, W.dtype)[:-1].transpose(1, 0, 2)
        for i in range(shifts):
            dW += np.matmul(dout[i].T, windows[i])
        # The last block first: its first row, which the windows before it reach into, must have its
        # own window before they add to it.
        for j in range(0, dout.shape[1], block)[::-1]:
            np.matmul(dout[0, j:j + block], W.T, out=dwindows[0, j:j + block])
            for i in range(1, shifts):
                dwindows[i, j:j + block] += np.matmul(dout[i, j:j + block], W.T)
        del dout  # before the next one is made
    if not math.isfinite(W.sum() + dW.sum()):
        return _gradients_tap_by_tap(conv, delta, W)
    return _channel_first(dx[:-1], batch, in_width), dW


def _gradients_tap_by_tap(conv, delta, W):
    """Return the same, where some numbers are not finite: slowly, one k after the other.

    _gradients multiplies what runs over the end by zero, but 0 * inf is nan.
    """
    x = _channel_first(conv.signal[:-1], conv.shape[0], conv.shape[2])
    W = W.reshape(conv.kernel_size, conv.in_channel, -1)
    dx, dW = np.zeros(x.shape, W.dtype), np.empty((W.shape[2],) + W.shape[:2], W.dtype)
    for k in range(conv.kernel_size):
        seen = np.s_[:, :, k:k + (_layout(conv)[0] - 1) * conv.stride + 1:conv.stride]
        dW[:, k] = np.tensordot(delta, x[seen], axes=((0, 2), (0, 2)))
        dx[seen] += np.tensordot(W[k], delta, axes=(1, 1)).transpose(1, 0, 2)
    return dx, dW


def _is_pointwise(conv):
    """Whether to take a product of W and each sample: a kernel of 1 has nothing to lay out.

    Where a sample has more channels than steps, dW's products are as large as the sample or larger.
    """
    return conv.kernel_size == conv.stride == 1 and conv.in_channel <= conv.shape[2]


def _layout(conv):
    """Return out_width, the rows of a sample, a row's time steps, and how many shifts there are."""
    in_width = conv.shape[2]
    out_width = (in_width - conv.kernel_size) // conv.stride + 1
    shifts = -(-conv.kernel_size // conv.stride)
    row = shifts * conv.stride
    return out_width, -(-in_width // row), row, min(shifts, out_width)


def _matrix(W, dtype):
    """Return W as a matrix, (kernel * channel, out): what a window is multiplied by."""
    return W.transpose(0, 2, 1).reshape(len(W), -1).astype(dtype, copy=False).T


def _windows(signal, conv, shifts):
    """Return the windows of each shift, (shifts, rows, kernel * channel): views of the signal."""
    total, row, channel = signal.shape
    step = channel * signal.itemsize
    return np.ndarray((shifts, total - 1, conv.kernel_size * channel), signal.dtype, signal,
                      strides=(conv.stride * step, row * step, signal.itemsize))


def _time_first(samples, rows, row, dtype):
    """Copy (batch, channel, width) into rows of `row` time steps, zeros behind each sample.

    Returns an array of shape (batch * rows + 1, row, channel): a row to spare, for the shifts.
    """
    batch, channel, width = samples.shape
    signal = np.empty((batch * rows + 1, row, channel), dtype)
    inside = _channel_first(signal[:-1], batch, rows * row)
    if channel > 1 and samples.strides[1] % 2048 == 0:
        # Channels a multiple of 2048 bytes apart evict each other from the cache. Copying them
        # another distance apart, and then copying the copy, takes half the time.
        apart = np.empty((channel, width + 8), dtype)[:, :width]
        for n in range(batch):
            apart[...] = samples[n]
            inside[n, :, :width] = apart
    else:
        inside[:, :, :width] = samples
    inside[:, :, width:] = 0
    signal[-1] = 0
    return signal


def _channel_first(signal, batch, width):
    """Return rows of time steps as the samples that they are, (batch, channel, width): a view."""
    total, row, channel = signal.shape
    steps = total * row // batch if batch else width
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
    if conv.signal is None:
        raise ValueError("Conv1D expected forward(x) before backward(delta)")
    _check("delta", delta, (conv.shape[0], conv.out_channel, _layout(conv)[0]))
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
